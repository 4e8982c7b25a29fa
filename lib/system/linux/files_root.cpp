// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/files_root.hpp"

#include "base/error.hpp"
#include "system/linux/files_walk.hpp"

#include <fmt/format.h>

#include <cctype>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace timectl::system::os {

namespace {

int open_in_root(int root, const char* path, int flags, mode_t mode) {
  open_how how{};
  how.flags = static_cast<unsigned>(flags);
  how.mode = mode;
  // The links of /proc/PID (root, cwd, fd) lead to where no path says. RESOLVE_IN_ROOT refuses them
  // as well, but openat2(2) keeps the right to change that.
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  // EAGAIN: something was renamed while ".." was resolved, so the kernel could not be sure.
  for (int attempt = 0; attempt < 64; ++attempt) {
    const long opened = syscall(SYS_openat2, root, path, &how, sizeof how);
    if (opened >= 0 || (errno != EAGAIN && errno != EINTR)) return static_cast<int>(opened);
  }
  return -1;
}

int open_on_host(const char* path, int flags, mode_t mode) {
  for (;;) {
    const int opened = ::open(path, flags, mode);
    if (opened >= 0 || errno != EINTR) return opened;
  }
}

}  // namespace

void Descriptor::close() {
  if (number_ >= 0) ::close(std::exchange(number_, -1));
}

std::string reason_of(int error) {
  const char* text = strerrordesc_np(error);
  std::string reason = text != nullptr ? text : fmt::format("error {}", error);
  const bool abbreviation =
      reason.size() > 1 && std::isupper(static_cast<unsigned char>(reason[1]));
  if (!abbreviation) reason[0] = static_cast<char>(std::tolower(reason[0]));
  return reason;
}

void throw_system_error(int error, const std::string& what) {
  const bool denied = error == EACCES || error == EPERM;
  throw Error{denied ? ErrorKind::permission : ErrorKind::io,
              fmt::format("cannot {}: {}", what, reason_of(error)),
              denied && geteuid() != 0 ? "run it as root" : ""};
}

Root::Root(const std::string& directory) : directory_(directory == "/" ? "" : directory) {
  if (directory_.empty()) return;
  place_ = Descriptor{open_on_host(directory_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC, 0)};
  if (!place_) throw_system_error(errno, fmt::format("use the root '{}'", directory_));
}

// The host's own root is not kept open: a descriptor belongs to the mount namespace it was opened
// in, so inside a sandbox it would lead out of it, to the real files.
Descriptor Root::open(const RootedPath& path, int flags, mode_t mode) const {
  flags |= O_CLOEXEC;
  if (!place_) return Descriptor{open_on_host(path.text().c_str(), flags, mode)};
  return Descriptor{open_in_root(place_.get(), path.text().c_str(), flags, mode)};
}

Descriptor Root::open_parent(const RootedPath& path) const {
  // An ordinary user's links lead it nowhere where it may not write by itself.
  if (geteuid() != 0) return open(path.parent(), O_PATH | O_DIRECTORY);
  return walk_to_directory(open(RootedPath{"/"}, O_PATH | O_DIRECTORY), directory_, path.parent());
}

std::string Root::shown(const RootedPath& path) const {
  if (directory_.empty()) return fmt::format("'{}'", path.text());
  return fmt::format("'{}' below '{}'", path.text(), directory_);
}

}  // namespace timectl::system::os
