// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/sandbox_copy.hpp"

#include "base/error.hpp"
#include "system/linux/kernel_call.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace timectl::system::os {

namespace {

namespace fs = std::filesystem;
using kernel::Descriptor;

/// The owner first: chown(2) clears setuid bits that chmod(2) then puts back. In a user namespace
/// most owners do not exist, and then the file stays ours.
void give(const std::string& path, const struct stat& like) {
  [[maybe_unused]] const int owned = ::lchown(path.c_str(), like.st_uid, like.st_gid);
  ::chmod(path.c_str(), like.st_mode & 07777U);
}

/// A file that grows meanwhile is cut where it would be left out.
void copy_content(int from, int to, const std::string& target) {
  std::array<char, 65536> part{};
  for (std::size_t copied = 0; copied < largest_copied_file;) {
    const auto size = ::read(from, part.data(), part.size());
    if (size == 0) return;
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return;  // attributes that exist and cannot be read: half a file is as good
    if (!write_all(to, {part.data(), static_cast<std::size_t>(size)})) {
      kernel::fail(fmt::format("copy '{}' into the sandbox", target));
    }
    copied += static_cast<std::size_t>(size);
  }
}

void copy_file(const std::string& source, const std::string& target, const struct stat& like) {
  if (static_cast<std::size_t>(like.st_size) > largest_copied_file) return;
  const Descriptor from{::open(source.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)};
  if (!from) return;
  const Descriptor to{::open(target.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600)};
  if (!to) kernel::fail(fmt::format("copy '{}' into the sandbox", target));
  copy_content(from.get(), to.get(), target);
  give(target, like);
}

void copy_entry(const std::string& source, const std::string& target) {
  struct stat like {};
  if (::lstat(source.c_str(), &like) != 0) return;
  if (S_ISLNK(like.st_mode)) {
    std::error_code ignored;
    fs::copy_symlink(source, target, ignored);
  } else if (S_ISDIR(like.st_mode)) {
    ::mkdir(target.c_str(), 0700);
    copy_readable(source, target);
    give(target, like);
  } else if (S_ISREG(like.st_mode)) {
    copy_file(source, target, like);
  }
}

}  // namespace

void copy_readable(const std::string& source, const std::string& target) {
  std::error_code problem;
  for (fs::directory_iterator entry{source, problem}, end; !problem && entry != end;
       entry.increment(problem)) {
    copy_entry(entry->path().string(),
               fmt::format("{}/{}", target, entry->path().filename().string()));
  }
}

bool write_all(int file, std::string_view content) {
  while (!content.empty()) {
    const auto written = ::write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace timectl::system::os
