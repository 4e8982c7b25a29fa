// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/sandbox_mounts.hpp"

#include <fmt/format.h>

#include <cerrno>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

namespace timectl::system::os {

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
