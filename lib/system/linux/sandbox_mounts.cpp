// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/sandbox_mounts.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

namespace timectl::system::os {

namespace {

bool make_private(const char* path, unsigned long more) {
  return ::mount(nullptr, path, nullptr, more | MS_PRIVATE, nullptr) == 0;
}

/// A mount point in the chroot: what is mounted on it, once it is private, stays in this namespace.
/// On "/" it might not, because the mount that the chroot lies in is out of reach.
const char* own_mount_point() {
  for (const auto* path : {"/proc", "/sys", "/dev", "/run"}) {
    if (make_private(path, MS_REC)) return path;
  }
  throw Error{ErrorKind::missing,
              "cannot make a sandbox in this chroot: none of its directories is a mount point; "
              "mount -t proc proc /proc makes one"};
}

/// The mounts of the chroot, copied before anything is mounted, are its root from now on.
void make_copy_the_root() {
  std::error_code none;
  const auto here = std::filesystem::current_path(none);
  const auto* const point = own_mount_point();
  const kernel::Descriptor copy{
      ::open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE)};
  if (!copy) kernel::fail("copy the mounts of this chroot");
  mount_tmpfs(point, 0700);
  const auto place = fmt::format("{}/root", point);
  make_mount_point(place, true);
  if (::move_mount(copy.get(), "", AT_FDCWD, place.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0 ||
      ::chdir(place.c_str()) != 0 || ::chroot(".") != 0) {
    kernel::fail("enter a copy of this chroot");
  }
  if (::chdir(here.c_str()) != 0 && ::chdir("/") != 0) kernel::fail("enter '/' of the sandbox");
}

}  // namespace

void detach_mounts() {
  if (make_private("/", MS_REC)) return;
  // "/" is no mount point: a plain chroot (mount(2): EINVAL).
  if (errno == EINVAL) make_copy_the_root();
  if (!make_private("/", MS_REC)) kernel::fail("detach the sandbox's mounts from the host's");
}

using kernel::Descriptor;

void mount_tmpfs(const std::string& path, unsigned mode) {
  const auto options = fmt::format("size=64m,mode={:o}", mode & 07777U);
  if (::mount("tmpfs", path.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) != 0) {
    kernel::fail(fmt::format("mount a private '{}'", path));
  }
}

bool bind_mount(const std::string& source, const std::string& target) {
  if (::mount(source.c_str(), target.c_str(), nullptr, MS_BIND | MS_REC, nullptr) == 0) return true;
  if (errno != ENOENT) kernel::fail(fmt::format("keep '{}' in the sandbox", target));
  return false;
}

void make_mount_point(const std::string& path, bool is_directory) {
  if (is_directory) {
    ::mkdir(path.c_str(), 0755);
  } else {
    const Descriptor file{::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644)};
  }
}

Descriptor open_directory(const std::string& path) {
  Descriptor directory{::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (!directory) kernel::fail(fmt::format("open the directory '{}'", path));
  return directory;
}

std::string handle_path(const Descriptor& directory) {
  return fmt::format("/proc/self/fd/{}", directory.get());
}

}  // namespace timectl::system::os
