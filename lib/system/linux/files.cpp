// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "system/linux/attributes.hpp"
#include "system/linux/files_root.hpp"
#include "system/linux/linux.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace timectl::system::os {

namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

bool is_absent(int error) { return error == ENOENT || error == ENOTDIR; }

FileStatus status_of(const struct stat& info) {
  FileStatus status;
  status.type = S_ISREG(info.st_mode)   ? FileType::regular
                : S_ISDIR(info.st_mode) ? FileType::directory
                : S_ISLNK(info.st_mode) ? FileType::symlink
                                        : FileType::other;
  status.ownership = {info.st_mode & 07777U, info.st_uid, info.st_gid};
  status.modified = WallTime{seconds{info.st_mtim.tv_sec} + nanoseconds{info.st_mtim.tv_nsec}};
  status.size = static_cast<std::uint64_t>(info.st_size);
  return status;
}

struct stat stat_of(int descriptor, const std::string& what) {
  struct stat info {};
  if (fstat(descriptor, &info) != 0) throw_system_error(errno, what);
  return info;
}

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/// To the end, and never more than a byte beyond the limit: the size a file in /proc or /sys claims
/// says nothing, and a log may grow as fast as it is read.
std::string read_all(int descriptor, std::uint64_t size, const ReadLimit& limit,
                     const std::string& what) {
  if (size > limit.bytes) throw_too_large(what, limit);
  const auto most = static_cast<std::size_t>(limit.bytes) + 1;
  std::string content(static_cast<std::size_t>(size) + 1, '\0');
  std::size_t filled = 0;
  for (;;) {
    if (filled == most) throw_too_large(what, limit);
    if (filled == content.size()) content.resize(std::min(content.size() * 2 + 4096, most));
    const auto got = ::read(descriptor, content.data() + filled, content.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_system_error(errno, what);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  content.resize(filled);
  return content;
}

void write_all(int descriptor, std::string_view content, std::uint64_t offset,
               const std::string& what) {
  while (!content.empty()) {
    const auto put = pwrite(descriptor, content.data(), content.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) throw_system_error(errno, what);
    content.remove_prefix(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
}

void sync(int descriptor, const std::string& what) {
  if (fsync(descriptor) != 0) throw_system_error(errno, what);
}

/// Asks for nothing that is so already: VFAT has one owner for all and refuses to name another.
void own(int descriptor, const Ownership& ownership, const std::string& what) {
  const auto now = status_of(stat_of(descriptor, what)).ownership;
  if ((now.uid != ownership.uid || now.gid != ownership.gid) &&
      fchown(descriptor, ownership.uid, ownership.gid) != 0) {
    throw_system_error(errno, what);
  }
  // After the owner: fchown clears setuid and setgid.
  if (now != ownership && fchmod(descriptor, ownership.mode) != 0) throw_system_error(errno, what);
}

void set_modified(int descriptor, WallTime time, const std::string& what) {
  const auto whole = std::chrono::floor<seconds>(time);
  // Of other widths on 32-bit machines.
  const std::array<timespec, 2> times{{{0, UTIME_OMIT},
                                       {static_cast<time_t>(whole.time_since_epoch().count()),
                                        static_cast<long>((time - whole).count())}}};
  if (futimens(descriptor, times.data()) != 0) throw_system_error(errno, what);
}

std::string staged_name(const RootedPath& target) {
  return fmt::format(".{}.timectl-new", target.name());
}

class LinuxFiles : public FileStore {
 public:
  explicit LinuxFiles(const std::string& root) : root_(root) {}

  std::optional<FileStatus> status(const RootedPath& path) const override {
    const auto what = fmt::format("look at {}", root_.shown(path));
    const auto found = root_.open(path, O_PATH | O_NOFOLLOW);
    if (!found && is_absent(errno)) return std::nullopt;
    if (!found) throw_system_error(errno, what);
    return status_of(stat_of(found.get(), what));
  }

  std::optional<File> read_within(const RootedPath& path, const ReadLimit& limit) const override {
    const auto what = fmt::format("read {}", root_.shown(path));
    // Checked before it is opened: to open a FIFO is to wait, to open a watchdog is to arm it.
    const auto found = root_.open(path, O_PATH);
    if (!found && is_absent(errno)) return std::nullopt;
    if (!found) throw_system_error(errno, what);
    const auto info = stat_of(found.get(), what);
    if (!S_ISREG(info.st_mode))
      refuse(what, S_ISDIR(info.st_mode) ? "is a directory" : "not a regular file");
    const auto opened = root_.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!opened) throw_system_error(errno, what);
    const auto now = stat_of(opened.get(), what);
    if (!S_ISREG(now.st_mode)) refuse(what, "it was replaced while it was read");
    const auto status = status_of(now);
    return File{read_all(opened.get(), status.size, limit, what), status};
  }

  std::optional<std::string> read_link(const RootedPath& path) const override {
    const auto what = fmt::format("read the link {}", root_.shown(path));
    const auto found = root_.open(path, O_PATH | O_NOFOLLOW);
    if (!found && is_absent(errno)) return std::nullopt;
    if (!found) throw_system_error(errno, what);
    if (!S_ISLNK(stat_of(found.get(), what).st_mode)) return std::nullopt;
    std::string target(PATH_MAX, '\0');
    const auto length = readlinkat(found.get(), "", target.data(), target.size());
    if (length < 0) throw_system_error(errno, what);
    target.resize(static_cast<std::size_t>(length));
    return target;
  }

  std::vector<std::string> list(const RootedPath& path) const override {
    const auto what = fmt::format("list {}", root_.shown(path));
    auto opened = root_.open(path, O_RDONLY | O_DIRECTORY);
    if (!opened && (errno == ENOENT || (errno == ENOTDIR && !status(path)))) return {};
    if (!opened) throw_system_error(errno, what);
    const std::unique_ptr<DIR, int (*)(DIR*)> directory{fdopendir(opened.get()), closedir};
    if (!directory) throw_system_error(errno, what);
    opened.release();  // closedir closes it
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = readdir(directory.get())) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back(name);
      if (names.size() > limits::names_in_directory) {
        refuse(what, fmt::format("it holds more than {} names", limits::names_in_directory));
      }
    }
    if (errno != 0) throw_system_error(errno, what);
    std::sort(names.begin(), names.end());
    return names;
  }

  std::uint32_t user() const override { return geteuid(); }
  std::string host_path(const RootedPath& path) const override { return root_.path_of(path); }

  void stage(const RootedPath& target, std::string_view content, const Ownership& ownership,
             std::optional<WallTime> modified) override {
    const auto what = fmt::format("write {}", root_.shown(target));
    const auto parent = parent_of(target, what);
    const auto name = staged_name(target);
    unlink_if_there(parent, name, what);
    // No other user may read it before it has its owner: it could be a key.
    const Descriptor file{openat(parent.get(), name.c_str(),
                                 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (!file) throw_system_error(errno, what);
    try {
      write_all(file.get(), content, 0, what);
      own(file.get(), ownership, what);
      if (modified) set_modified(file.get(), *modified, what);
      sync(file.get(), what);
    } catch (const Error&) {
      unlinkat(parent.get(), name.c_str(), 0);
      throw;
    }
  }

  void stage_attributes(const RootedPath& target, const RootedPath& from) override {
    const auto what = fmt::format("keep the attributes of {}", root_.shown(from));
    const auto parent = parent_of(target, what);
    constexpr int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    const Descriptor to{openat(parent.get(), staged_name(target).c_str(), flags)};
    if (!to) throw_system_error(errno, what);
    const auto source = root_.open(from, flags);
    if (!source) throw_system_error(errno, what);
    const auto ownership = status_of(stat_of(to.get(), what)).ownership;
    if (!copy_attributes(source.get(), to.get(), what)) return;
    // An access list brings a mode along. With its own mode back the file grants no more than that.
    own(to.get(), ownership, what);
    sync(to.get(), what);
  }

  void stage_link(const RootedPath& target, std::string_view link_target) override {
    const auto what = fmt::format("make the link {}", root_.shown(target));
    const auto parent = parent_of(target, what);
    const auto name = staged_name(target);
    unlink_if_there(parent, name, what);
    if (symlinkat(std::string{link_target}.c_str(), parent.get(), name.c_str()) != 0) {
      throw_system_error(errno, what);
    }
  }

  void swap_in(const RootedPath& target) override {
    const auto what = fmt::format("replace {}", root_.shown(target));
    const auto parent = parent_of(target, what);
    const auto staged = staged_name(target);
    if (faccessat(parent.get(), staged.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) != 0) {
      refuse(what, "nothing is staged for it");
    }
    if (renameat(parent.get(), staged.c_str(), parent.get(), target.name().c_str()) != 0) {
      throw_system_error(errno, what);
    }
  }

  void discard_staged(const RootedPath& target) override {
    unlink_below(target, staged_name(target), 0, "remove what was staged for");
  }

  void make_link(const RootedPath& path, std::string_view link_target) override {
    const auto what = fmt::format("make the link {}", root_.shown(path));
    const auto parent = parent_of(path, what);
    const std::string to{link_target};
    if (symlinkat(to.c_str(), parent.get(), path.name().c_str()) != 0) {
      throw_system_error(errno, what);
    }
  }

  void remove(const RootedPath& path) override { unlink_below(path, path.name(), 0, "remove"); }

  void make_directory(const RootedPath& path, const Ownership& ownership) override {
    const auto what = fmt::format("make the directory {}", root_.shown(path));
    if (root_.open(path, O_PATH | O_DIRECTORY)) return;
    const auto parent = parent_of(path, what);
    // With its mode at once: a process that finds it uses it as it is, after a crash too.
    if (mkdirat(parent.get(), path.name().c_str(), ownership.mode) != 0) {
      throw_system_error(errno, what);
    }
    const Descriptor made{
        openat(parent.get(), path.name().c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!made) throw_system_error(errno, what);
    own(made.get(), ownership, what);
  }

  void remove_directory_if_empty(const RootedPath& path) override {
    unlink_below(path, path.name(), AT_REMOVEDIR, "remove");
  }

  void set_ownership(const RootedPath& path, const Ownership& ownership) override {
    const auto what = fmt::format("change the owner of {}", root_.shown(path));
    const auto parent = parent_of(path, what);
    const auto name = path.text() == "/" ? "." : path.name();
    const Descriptor found{openat(parent.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
    if (!found) throw_system_error(errno, what);
    const auto info = stat_of(found.get(), what);
    if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)) {
      refuse(what, "neither a file nor a directory");
    }
    const Descriptor opened{
        openat(parent.get(), name.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)};
    if (!opened) throw_system_error(errno, what);
    if (!same_file(info, stat_of(opened.get(), what))) refuse(what, "it was replaced meanwhile");
    refuse_name_of_others(parent, info, what);
    own(opened.get(), ownership, what);
  }

  void write_in_place(const RootedPath& path, std::uint64_t offset,
                      std::string_view content) override {
    const auto what = fmt::format("write {}", root_.shown(path));
    const auto parent = parent_of(path, what);
    const Descriptor file{openat(parent.get(), path.name().c_str(),
                                 O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644)};
    if (!file) throw_system_error(errno, what);
    const auto info = stat_of(file.get(), what);
    if (!S_ISREG(info.st_mode)) refuse(what, "not a regular file");
    refuse_name_of_others(parent, info, what);
    if (offset > static_cast<std::uint64_t>(info.st_size))
      refuse(what, "it is shorter than expected");
    write_all(file.get(), content, offset, what);
    if (ftruncate(file.get(), static_cast<off_t>(offset + content.size())) != 0) {
      throw_system_error(errno, what);
    }
    sync(file.get(), what);
  }

  void sync_directory(const RootedPath& path) override {
    const auto what = fmt::format("sync the directory {}", root_.shown(path));
    const auto opened = root_.open(path, O_RDONLY | O_DIRECTORY);
    if (!opened && is_absent(errno)) return;
    if (!opened) throw_system_error(errno, what);
    // EINVAL: a file system whose directories cannot be synced has nothing to lose there.
    if (fsync(opened.get()) != 0 && errno != EINVAL) throw_system_error(errno, what);
  }

 private:
  [[noreturn]] static void refuse(const std::string& what, const std::string& why) {
    throw Error{ErrorKind::io, fmt::format("cannot {}: {}", what, why)};
  }

  Descriptor parent_of(const RootedPath& path, const std::string& what) const {
    auto parent = root_.open_parent(path);
    if (!parent) throw_system_error(errno, what);
    return parent;
  }

  /// A hard link is a symlink's twin: in a directory of its own another user gives names to files
  /// (fs.protected_hardlinks keeps it from those that it may not write, where it is set).
  static void refuse_name_of_others(const Descriptor& parent, const struct stat& file,
                                    const std::string& what) {
    const auto owner = stat_of(parent.get(), what).st_uid;
    if (geteuid() != 0 || owner == 0 || !S_ISREG(file.st_mode) || file.st_nlink < 2) return;
    refuse(what, fmt::format("it has other names, and its directory belongs to uid {}", owner));
  }

  static void unlink_if_there(const Descriptor& parent, const std::string& name,
                              const std::string& what) {
    if (unlinkat(parent.get(), name.c_str(), 0) != 0 && errno != ENOENT) {
      throw_system_error(errno, what);
    }
  }

  void unlink_below(const RootedPath& path, const std::string& name, int flags,
                    std::string_view verb) const {
    const auto parent = root_.open_parent(path);
    const bool done = parent && unlinkat(parent.get(), name.c_str(), flags) == 0;
    const int error = errno;
    const bool spared = (flags & AT_REMOVEDIR) != 0 && (error == ENOTEMPTY || error == EEXIST);
    if (done || is_absent_for(flags, error) || spared) return;
    // A read-only file system refuses before it checks whether there is anything to remove.
    if (error == EROFS && parent && !is_there(parent.get(), name)) return;
    throw_system_error(error, fmt::format("{} {}", verb, root_.shown(path)));
  }

  static bool is_there(int parent, const std::string& name) {
    return faccessat(parent, name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
  }

  /// ENOTDIR means a missing parent, except that rmdir also returns it for a file.
  static bool is_absent_for(int flags, int error) {
    return flags == 0 ? is_absent(error) : error == ENOENT;
  }

  Root root_;
};

}  // namespace

std::unique_ptr<FileStore> make_files(const std::string& root) {
  return std::make_unique<LinuxFiles>(root);
}

}  // namespace timectl::system::os
