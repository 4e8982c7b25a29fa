// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "system/linux/files_root.hpp"
#include "system/linux/linux.hpp"
#include "system/linux/locks_holder.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace timectl::system::os {

namespace {

constexpr mode_t lock_mode = 0600;
constexpr mode_t group_or_others = 0077;
constexpr mode_t others_may_write = 0022;
// Each begins again because another timectl made or replaced the file between two calls of ours.
constexpr int most_attempts = 16;
constexpr auto at_work = "another timectl is at work";
constexpr auto wait_for_it = "wait for it to finish";

// Open file description locks: a lock ends with the last descriptor of its file, that is with the
// process, and unlike flock(2) it can be asked for without taking it, so asking never makes another
// program's attempt fail. Who can open the file for reading can hold a read lock, and with it keep
// every writer out: that is why no other user may.
struct flock whole_file(short type) {
  struct flock request {};
  request.l_type = type;
  request.l_whence = SEEK_SET;
  return request;
}

bool set_lock(const Descriptor& file, short type, const std::string& what) {
  auto request = whole_file(type);
  if (fcntl(file.get(), F_OFD_SETLK, &request) == 0) return true;
  if (errno != EAGAIN && errno != EACCES) throw_system_error(errno, what);
  return false;
}

/// What keeps a write lock out; its l_type is F_UNLCK when nothing does.
struct flock conflict_of(const Descriptor& file, const std::string& what) {
  auto request = whole_file(F_WRLCK);
  if (fcntl(file.get(), F_OFD_GETLK, &request) != 0) throw_system_error(errno, what);
  return request;
}

struct stat stat_of_lock(const Descriptor& file, const std::string& what) {
  struct stat info {};
  if (fstat(file.get(), &info) != 0) throw_system_error(errno, what);
  return info;
}

bool is_same(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/// Does `name` in the directory `parent` (still) lead to `file`?
bool is_named(const Descriptor& parent, const std::string& name, const struct stat& file) {
  struct stat info {};
  return fstatat(parent.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
         is_same(info, file);
}

std::string note_name(const RootedPath& path) { return path.name() + ".holder"; }

std::string text_of(int descriptor) {
  std::array<char, 4096> text{};
  const auto length = pread(descriptor, text.data(), text.size(), 0);
  return {text.data(), length > 0 ? static_cast<std::size_t>(length) : std::size_t{0}};
}

std::string sentence_of(const std::string& purpose, pid_t pid, const std::string& since) {
  return fmt::format("{}: {} (process {}, since {})", at_work, purpose, pid, since);
}

std::string user_of(const Process& process) {
  return process.uid == 0 ? "root" : fmt::format("user {}", process.uid);
}

class FileLock : public Lock {
 public:
  /// `former` is the file that `file` replaced: locked as well, because an older timectl may have
  /// opened it just before.
  FileLock(Descriptor file, Descriptor former, Descriptor parent, std::string name,
           std::string note, std::string notice)
      : file_(std::move(file)),
        former_(std::move(former)),
        parent_(std::move(parent)),
        name_(std::move(name)),
        note_(std::move(note)),
        notice_(std::move(notice)) {}
  ~FileLock() override {
    // The lock's name stays: to unlink it would let two processes hold two files of one name. After
    // uninstall --purge both may be another's already.
    struct stat info {};
    if (fstat(file_.get(), &info) == 0 && is_named(parent_, name_, info)) {
      unlinkat(parent_.get(), note_.c_str(), 0);
    }
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  std::string notice() const override { return notice_; }

 private:
  Descriptor file_;
  Descriptor former_;
  Descriptor parent_;
  std::string name_;
  std::string note_;
  std::string notice_;
};

class LinuxLocks : public Locks {
 public:
  explicit LinuxLocks(const std::string& root)
      : root_(root), directory_(root == "/" ? std::string{} : root) {}

  std::unique_ptr<Lock> take(const RootedPath& path, const std::string& purpose) override {
    const auto what = fmt::format("take the lock {}", root_.shown(path));
    make_directory_above(path);
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
      auto parent = root_.open_parent(path);
      if (!parent) throw_system_error(errno, what);
      auto lock = try_to_take(path, parent, what);
      if (!lock) continue;
      write_lock_note(parent, note_name(path), own_lock_note(purpose));
      return std::make_unique<FileLock>(std::move(lock->file), std::move(lock->former),
                                        std::move(parent), path.name(), note_name(path),
                                        std::move(lock->notice));
    }
    throw Error{ErrorKind::busy, at_work, wait_for_it};
  }

  LockState state(const RootedPath& path) const override {
    const auto what = fmt::format("look at the lock {}", root_.shown(path));
    const auto file = open_own_file(path, O_RDONLY, what, Purpose::read);
    if (!file && (errno == ENOENT || errno == ENOTDIR)) return {};
    if (!file && (errno == EACCES || errno == EPERM)) return state_by_note(path, what);
    if (!file) throw_system_error(errno, what);
    const auto conflict = conflict_of(file, what);
    return conflict.l_type == F_UNLCK ? LockState{} : state_of(file, conflict, path);
  }

 private:
  enum class Purpose { read, take };

  struct Taken {
    Descriptor file;
    Descriptor former;
    std::string notice;
  };

  /// nullopt when the file changed under our hands.
  std::optional<Taken> try_to_take(const RootedPath& path, const Descriptor& parent,
                                   const std::string& what) const {
    auto file = open_own_file(path, O_RDWR | O_CREAT, what, Purpose::take);
    if (!file) throw_system_error(errno, what);
    const auto info = stat_of_lock(file, what);
    std::string notice;
    if (!set_lock(file, F_WRLCK, what)) {
      const auto conflict = conflict_of(file, what);
      if (conflict.l_type == F_UNLCK) return std::nullopt;
      const auto state = state_of(file, conflict, path);
      if (!may_pass_over(file, info, conflict)) refuse(state);
      // Holds an older timectl off, which would open the file that is still there.
      if (!set_lock(file, F_RDLCK, what) && conflict.l_type == F_RDLCK) return std::nullopt;
      notice = fmt::format("{}; that lock was passed over", state.sentence);
    }
    if (!is_named(parent, path.name(), info)) return std::nullopt;
    if ((info.st_mode & 07777U) == lock_mode) return Taken{std::move(file), {}, {}};
    auto fresh = replace(path, parent, info, what);
    if (!fresh) return std::nullopt;
    return Taken{std::move(fresh), std::move(file), std::move(notice)};
  }

  /// Only what another user can have: a timectl never takes a read lock, and one of another user
  /// has no business with this one's tree.
  static bool may_pass_over(const Descriptor& file, const struct stat& info,
                            const struct flock& conflict) {
    if (conflict.l_type == F_RDLCK) return (info.st_mode & group_or_others) != 0;
    if ((info.st_mode & others_may_write) == 0) return false;
    const auto holder = find_lock_holder(file.get(), conflict);
    return holder && holder->uid != geteuid();
  }

  /// Puts a new file, which only its owner can open and whose lock this process has, in place of
  /// `former`. Descriptors of the old one that other users keep are worth nothing from then on.
  /// Only the process that has the lock of the staged name may rename it; empty when that is
  /// another timectl, or when it was done already.
  Descriptor replace(const RootedPath& path, const Descriptor& parent, const struct stat& former,
                     const std::string& what) const {
    const auto staged = fmt::format(".{}.timectl-new", path.name());
    constexpr int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    struct stat info {};
    if (fstatat(parent.get(), staged.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
        (!S_ISREG(info.st_mode) || info.st_uid != geteuid() ||
         (info.st_mode & group_or_others) != 0)) {
      unlinkat(parent.get(), staged.c_str(), 0);
    }
    Descriptor fresh{openat(parent.get(), staged.c_str(), flags, lock_mode)};
    if (!fresh || fchmod(fresh.get(), lock_mode) != 0) throw_system_error(errno, what);
    if (!set_lock(fresh, F_WRLCK, what)) return {};
    if (!is_named(parent, staged, stat_of_lock(fresh, what))) return {};
    if (!is_named(parent, path.name(), former)) {
      unlinkat(parent.get(), staged.c_str(), 0);
      return {};
    }
    if (renameat(parent.get(), staged.c_str(), parent.get(), path.name().c_str()) != 0) {
      throw_system_error(errno, what);
    }
    return fresh;
  }

  [[noreturn]] static void refuse(const LockState& state) {
    if (state.holder == LockHolder::timectl) {
      throw Error{ErrorKind::busy, state.sentence, wait_for_it};
    }
    throw Error{ErrorKind::refused, state.sentence, state.remedy};
  }

  /// Opens the file itself. An empty Descriptor, and errno, when that fails; throws Error{refused}
  /// for what is not a regular file of this user. Checked before it is opened: to open a watchdog
  /// is to arm it.
  Descriptor open_own_file(const RootedPath& path, int flags, const std::string& what,
                           Purpose purpose) const {
    const auto found = root_.open(path, O_PATH | O_NOFOLLOW);
    if (!found && errno != ENOENT) return {};
    if (found) require_own(path, stat_of_lock(found, what), what, purpose);
    const mode_t mode = (flags & O_CREAT) != 0 ? lock_mode : 0;  // openat2 takes none else
    auto file = root_.open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, mode);
    if (file) require_own(path, stat_of_lock(file, what), what, purpose);
    return file;
  }

  /// Any user may read another user's lock.
  void require_own(const RootedPath& path, const struct stat& info, const std::string& what,
                   Purpose purpose) const {
    const auto remedy = fmt::format("remove it: rm {}", on_host(path));
    if (!S_ISREG(info.st_mode)) {
      const auto* const kind = S_ISDIR(info.st_mode)   ? "a directory"
                               : S_ISLNK(info.st_mode) ? "a symbolic link"
                                                       : "not a regular file";
      throw Error{ErrorKind::refused, fmt::format("cannot {}: it is {}", what, kind),
                  S_ISDIR(info.st_mode) ? "" : remedy};
    }
    if (purpose == Purpose::read || info.st_uid == geteuid()) return;
    // The kernel refuses an ordinary user what is not theirs.
    if (geteuid() != 0) return;
    throw Error{ErrorKind::refused,
                fmt::format("cannot {}: it belongs to user {}, not to root", what, info.st_uid),
                remedy};
  }

  /// As a word for a shell.
  std::string on_host(const RootedPath& path) const {
    return shell_quoted(directory_ + path.text());
  }

  /// The lock comes before anything that could have made its directory.
  void make_directory_above(const RootedPath& path) const {
    if (root_.open_parent(path)) return;
    const auto above = root_.open_parent(path.parent());
    if (above) mkdirat(above.get(), path.parent().name().c_str(), 0755);
  }

  LockState state_of(const Descriptor& file, const struct flock& conflict,
                     const RootedPath& path) const {
    if (conflict.l_type == F_WRLCK) {
      const auto note = note_of(path);
      if (note && presence_of(*note) != Presence::gone) {
        return {LockHolder::timectl, sentence_of(note->purpose, note->pid, note->since), {}};
      }
    }
    const auto holder = find_lock_holder(file.get(), conflict);
    if (conflict.l_type == F_RDLCK) return read_locked(holder, path);
    if (!holder || holder->name.starts_with("timectl")) return without_note(file, holder, path);
    return {LockHolder::other,
            fmt::format("'{}' (process {} of {}) holds the lock {}, and is not timectl",
                        holder->name, holder->pid, user_of(*holder), root_.shown(path)),
            fmt::format("end it: kill {}", holder->pid)};
  }

  LockState read_locked(const std::optional<Process>& holder, const RootedPath& path) const {
    constexpr auto sentence = "{} holds a read lock on {}, which timectl never takes";
    if (!holder) {
      return {LockHolder::other,
              fmt::format(sentence, "a program that could not be found", root_.shown(path)),
              fmt::format("find it: fuser -v {}", on_host(path))};
    }
    const auto program =
        fmt::format("'{}' (process {} of {})", holder->name, holder->pid, user_of(*holder));
    return {LockHolder::other, fmt::format(sentence, program, root_.shown(path)),
            fmt::format("end it: kill {}", holder->pid)};
  }

  /// A timectl that has not written its note yet, or an older one, which writes into the lock
  /// itself who it is.
  LockState without_note(const Descriptor& file, const std::optional<Process>& holder,
                         const RootedPath& path) const {
    const auto lines = lines_of(text_of(file.get()));
    const auto pid = lines.size() == 3 ? to_integer(lines[0]).value_or(0) : 0;
    const bool is_alive = pid > 0 && (kill(static_cast<pid_t>(pid), 0) == 0 || errno == EPERM);
    if (holder ? holder->pid == pid : is_alive) {
      return {LockHolder::timectl, sentence_of(lines[1], static_cast<pid_t>(pid), lines[2]), {}};
    }
    return {LockHolder::timectl,
            holder ? fmt::format("{} (process {})", at_work, holder->pid)
                   : fmt::format("a program that could not be found holds the lock {}",
                                 root_.shown(path)),
            {}};
  }

  std::optional<LockNote> note_of(const RootedPath& path) const {
    const auto note = open_note(path);
    return note ? parse_lock_note(text_of(note.get())) : std::nullopt;
  }

  Descriptor open_note(const RootedPath& path) const {
    const auto note = path.parent() / note_name(path);
    const auto found = root_.open(note, O_PATH | O_NOFOLLOW);
    struct stat info {};
    if (!found || fstat(found.get(), &info) != 0) return {};
    if (!S_ISREG(info.st_mode) || (info.st_uid != 0 && info.st_uid != geteuid())) {
      errno = EACCES;  // whose word is worth nothing
      return {};
    }
    return root_.open(note, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  }

  /// For a user who may not ask for the lock. No note, or one whose process has ended: no timectl.
  LockState state_by_note(const RootedPath& path, const std::string& what) const {
    const auto not_known = [&](const std::string& why) {
      return LockState{
          LockHolder::not_known,
          fmt::format("it is not known whether a timectl is at work: cannot {}: {}", what, why),
          {}};
    };
    const auto file = open_note(path);
    if (!file && (errno == ENOENT || errno == ENOTDIR)) return {};
    if (!file) return not_known(reason_of(errno));
    const auto note = parse_lock_note(text_of(file.get()));
    if (!note) return not_known("the note beside it is damaged");
    const auto presence = presence_of(*note);
    if (presence == Presence::gone) return {};
    if (presence == Presence::not_known) return not_known("its process cannot be seen");
    return {LockHolder::timectl, sentence_of(note->purpose, note->pid, note->since), {}};
  }

  Root root_;
  std::string directory_;  ///< of the root, for commands that a person can paste
};

}  // namespace

std::unique_ptr<Locks> make_locks(const std::string& root) {
  return std::make_unique<LinuxLocks>(root);
}

}  // namespace timectl::system::os
