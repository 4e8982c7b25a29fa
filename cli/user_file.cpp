// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "user_file.hpp"

#include "base/error.hpp"
#include "system/linux/kernel_call.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace timectl::cli {

namespace {

using system::os::kernel::Descriptor;
using system::os::kernel::fail;

constexpr mode_t usual_mode = 0644;
constexpr mode_t permissions = 0777;

[[noreturn]] void refuse(const std::string& path, const std::string& reason,
                         const std::string& hint) {
  throw Error{ErrorKind::refused, fmt::format("cannot write '{}': {}", path, reason), hint};
}

[[noreturn]] void refuse_existing(const std::string& path) {
  refuse(path, "it is there already",
         "--force replaces it; without --output it goes to standard output");
}

std::string directory_of(const std::string& path) {
  const auto directory = std::filesystem::path{path}.parent_path();
  return directory.empty() ? "." : directory.string();
}

/// The regular file at `path`; nullopt when nothing is there.
std::optional<struct stat> find_regular(const std::string& path) {
  struct stat found {};
  if (lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return std::nullopt;
    fail(fmt::format("write '{}'", path));
  }
  if (S_ISLNK(found.st_mode)) refuse(path, "it is a symlink", "name the file that it leads to");
  if (!S_ISREG(found.st_mode)) refuse(path, "it is no regular file", "");
  return found;
}

void fill(const Descriptor& file, const std::string& path, std::string_view content) {
  while (!content.empty()) {
    const auto written = write(file.get(), content.data(), content.size());
    if (written < 0 && errno != EINTR) fail(fmt::format("write '{}'", path));
    if (written > 0) content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (fsync(file.get()) != 0) fail(fmt::format("write '{}'", path));
}

/// Takes a file of ours away again unless it is kept.
class Unfinished {
 public:
  explicit Unfinished(std::string path) : path_(std::move(path)) {}
  ~Unfinished() {
    if (!path_.empty()) static_cast<void>(unlink(path_.c_str()));
  }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  void keep() { path_.clear(); }

 private:
  std::string path_;
};

void create(const std::string& path, std::string_view content) {
  const Descriptor file{
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, usual_mode)};
  if (!file && errno == EEXIST) refuse_existing(path);
  if (!file) fail(fmt::format("write '{}'", path));
  Unfinished unfinished{path};
  fill(file, path, content);
  unfinished.keep();
}

void replace(const std::string& path, std::string_view content, const struct stat& before) {
  std::string beside = directory_of(path) + "/.timectl-XXXXXX";
  const Descriptor file{mkostemp(beside.data(), O_CLOEXEC)};
  if (!file) fail(fmt::format("write '{}'", path));
  Unfinished unfinished{beside};
  // Who is not root may give nothing away, and has the file then.
  static_cast<void>(fchown(file.get(), before.st_uid, before.st_gid) == 0 ||
                    fchown(file.get(), static_cast<uid_t>(-1), before.st_gid) == 0);
  if (fchmod(file.get(), before.st_mode & permissions) != 0) fail(fmt::format("write '{}'", path));
  fill(file, path, content);
  if (rename(beside.c_str(), path.c_str()) != 0) fail(fmt::format("write '{}'", path));
  unfinished.keep();
}

}  // namespace

void make_user_file(const std::string& path, std::string_view content, std::uint32_t mode) {
  constexpr mode_t closed = 0600;
  const Descriptor file{
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, closed)};
  if (!file) fail(fmt::format("write '{}'", path));
  Unfinished unfinished{path};
  fill(file, path, content);
  if (fchmod(file.get(), mode) != 0) fail(fmt::format("write '{}'", path));
  unfinished.keep();
}

void require_writable(const std::string& path, IfThere if_there) {
  if (find_regular(path) && if_there == IfThere::refuse) refuse_existing(path);
  const auto directory = directory_of(path);
  if (faccessat(AT_FDCWD, directory.c_str(), W_OK | X_OK, AT_EACCESS) == 0) return;
  fail(fmt::format("write '{}' into its directory", path));
}

void write_user_file(const std::string& path, std::string_view content, IfThere if_there) {
  const auto before = if_there == IfThere::replace ? find_regular(path) : std::nullopt;
  if (before) return replace(path, content, *before);
  create(path, content);
}

}  // namespace timectl::cli
