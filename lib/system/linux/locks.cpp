// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "system/linux/files_root.hpp"
#include "system/linux/linux.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace timectl::system::os {

namespace {

// Open file description locks: a lock ends with the last descriptor of its file, that is with the
// process, and unlike flock(2) it can be asked for without taking it, so looking never makes
// somebody else's attempt fail.
struct flock whole_file() {
  struct flock request {};
  request.l_type = F_WRLCK;
  request.l_whence = SEEK_SET;
  return request;
}

std::string holder_of(int descriptor) {
  std::array<char, 512> text{};
  const auto length = pread(descriptor, text.data(), text.size(), 0);
  const auto lines =
      lines_of({text.data(), length > 0 ? static_cast<std::size_t>(length) : std::size_t{0}});
  // The holder may have got the lock and not yet said who it is.
  if (lines.size() < 3) return "another timectl is at work";
  return fmt::format("another timectl is at work: {} (process {}, since {})", lines[1], lines[0],
                     lines[2]);
}

class FileLock : public Lock {
 public:
  explicit FileLock(Descriptor file) : file_(std::move(file)) {}
  ~FileLock() override {
    // The name stays: to unlink it would let two processes hold two files of one name.
    if (ftruncate(file_.get(), 0) != 0) return;
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  Descriptor file_;
};

class LinuxLocks : public Locks {
 public:
  explicit LinuxLocks(const std::string& root) : root_(root) {}

  std::unique_ptr<Lock> take(const RootedPath& path, const std::string& purpose) override {
    const auto what = fmt::format("take the lock {}", root_.shown(path));
    auto file = open_or_make(path);
    if (!file) throw_system_error(errno, what);
    auto request = whole_file();
    if (fcntl(file.get(), F_OFD_SETLK, &request) != 0) {
      if (errno != EAGAIN && errno != EACCES) throw_system_error(errno, what);
      throw Error{ErrorKind::busy, holder_of(file.get()), "wait for it to finish"};
    }
    sign(file.get(), purpose, what);
    return std::make_unique<FileLock>(std::move(file));
  }

  std::string holder(const RootedPath& path) const override {
    const auto what = fmt::format("look at the lock {}", root_.shown(path));
    const auto file = root_.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!file && (errno == ENOENT || errno == ENOTDIR)) return {};
    if (!file) throw_system_error(errno, what);
    auto request = whole_file();
    if (fcntl(file.get(), F_OFD_GETLK, &request) != 0) throw_system_error(errno, what);
    return request.l_type == F_UNLCK ? std::string{} : holder_of(file.get());
  }

 private:
  /// The lock comes before anything that could have made its directory.
  Descriptor open_or_make(const RootedPath& path) const {
    constexpr int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
    auto file = root_.open(path, flags, 0644);
    if (file || errno != ENOENT) return file;
    const auto above = root_.open_parent(path.parent());
    if (!above) return file;
    const int made = mkdirat(above.get(), path.parent().name().c_str(), 0755);
    if (made != 0 && errno != EEXIST) return file;
    return root_.open(path, flags, 0644);
  }

  static void sign(int descriptor, const std::string& purpose, const std::string& what) {
    const auto text = fmt::format("{}\n{}\n{}\n", getpid(), purpose,
                                  format_utc(std::chrono::system_clock::now()));
    const bool signed_whole =
        ftruncate(descriptor, 0) == 0 &&
        pwrite(descriptor, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
    if (!signed_whole) throw_system_error(errno, what);
  }

  Root root_;
};

}  // namespace

std::unique_ptr<Locks> make_locks(const std::string& root) {
  return std::make_unique<LinuxLocks>(root);
}

}  // namespace timectl::system::os
