// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/sandbox_view.hpp"

#include "base/error.hpp"
#include "system/linux/kernel_call.hpp"
#include "system/linux/network_netlink.hpp"
#include "system/linux/sandbox_copy.hpp"
#include "system/linux/sandbox_mounts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <climits>
#include <filesystem>
#include <string>

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace timectl::system::os {

namespace {

namespace fs = std::filesystem;
using kernel::Descriptor;

void write_once(const char* path, const std::string& text) {
  const Descriptor file{::open(path, O_WRONLY | O_CLOEXEC)};
  if (!file || ::write(file.get(), text.data(), text.size()) < 0) {
    kernel::fail(fmt::format("write '{}'", path));
  }
}

unsigned mode_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode : 0755U;
}

void bind_entry(const fs::directory_entry& entry, const std::string& target) {
  std::error_code vanished;  // temporary files do at any moment
  if (entry.is_symlink(vanished)) {
    fs::copy_symlink(entry.path(), target, vanished);
    return;
  }
  make_mount_point(target, entry.is_directory(vanished));
  if (!bind_mount(entry.path().string(), target)) fs::remove(target, vanished);
}

/// Puts a tmpfs over `path` in which all that was there is bound at its place.
void shadow(const std::string& path) {
  if (path == "/") {
    throw Error{ErrorKind::refused,
                "cannot make a new directory in '/' of the sandbox: make it on the host first"};
  }
  const auto mode = mode_of(path);
  const Descriptor before = open_directory(path);
  mount_tmpfs(path, mode);
  for (const auto& entry : fs::directory_iterator{handle_path(before)}) {
    bind_entry(entry, fmt::format("{}/{}", path, entry.path().filename().string()));
  }
}

/// Makes a directory and its parents in the private view.
void make_directories(const RootedPath& path) {
  const auto& text = path.text();
  if (fs::is_directory(text)) return;
  make_directories(path.parent());
  if (::mkdir(text.c_str(), 0755) == 0) return;
  if (errno != EROFS && errno != EACCES && errno != EPERM) {
    kernel::fail(fmt::format("make the directory '{}' in the sandbox", text));
  }
  shadow(path.parent().text());
  if (::mkdir(text.c_str(), 0755) != 0 && errno != EEXIST) {
    kernel::fail(fmt::format("make the directory '{}' in the sandbox", text));
  }
}

void make_empty(const RootedPath& path) {
  make_directories(path);
  mount_tmpfs(path.text(), mode_of(path.text()));
}

void make_private(const RootedPath& path) {
  make_directories(path);
  const auto mode = mode_of(path.text());
  const Descriptor before = open_directory(path.text());
  mount_tmpfs(path.text(), mode);
  copy_readable(handle_path(before), path.text());
}

/// The devices that any program may use, and no other: no RTC, no disk, no I2C bus.
void make_devices() {
  const Descriptor before = open_directory("/dev");
  mount_tmpfs("/dev", 0755);
  for (const auto* name : {"null", "zero", "full", "random", "urandom", "tty"}) {
    const auto source = fmt::format("{}/{}", handle_path(before), name);
    if (!fs::exists(source)) continue;
    make_mount_point(fmt::format("/dev/{}", name), false);
    bind_mount(source, fmt::format("/dev/{}", name));
  }
  fs::create_symlink("/proc/self/fd", "/dev/fd");
  ::mkdir("/dev/shm", 01777);
}

/// Only where /proc is wholly visible may a user namespace mount another; a container that hides
/// parts of it keeps the old one, which shows the processes but gives no power over them.
void mount_proc() {
  constexpr auto flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  if (::mount("proc", "/proc", "proc", flags, nullptr) != 0 && errno != EPERM) {
    kernel::fail("mount a private '/proc'");
  }
}

void make_all_read_only() {
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  if (::mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attributes, sizeof attributes) != 0) {
    kernel::fail("make the host's files read-only in the sandbox");
  }
}

void put_file(const SandboxFile& file) {
  const auto& path = file.path.text();
  make_directories(file.path.parent());
  // A symlink of the host's must not lead the content elsewhere.
  ::unlink(path.c_str());
  const Descriptor made{::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600)};
  if (!made || ::fchmod(made.get(), file.mode) != 0 || !write_all(made.get(), file.content)) {
    kernel::fail(fmt::format("write '{}' in the sandbox", path));
  }
}

void put_link(const RootedPath& path, const std::string& target) {
  make_directories(path.parent());
  ::unlink(path.text().c_str());
  if (::symlink(target.c_str(), path.text().c_str()) != 0) {
    kernel::fail(fmt::format("make the link '{}' in the sandbox", path.text()));
  }
}

/// For ever: for us and for all that is started from here.
void give_up(std::span<const int> capabilities) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) kernel::fail("read our capabilities");
  for (const int capability : capabilities) {
    if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) kernel::fail("give up capabilities");
    const auto bits = ~(1U << (capability & 31));
    auto& set = sets.at(static_cast<std::size_t>(capability >> 5));
    set.effective &= bits;
    set.permitted &= bits;
    set.inheritable &= bits;
  }
  if (::syscall(SYS_capset, &header, sets.data()) != 0) kernel::fail("give up capabilities");
}

std::vector<RootedPath> sorted(std::vector<RootedPath> paths) {
  std::sort(paths.begin(), paths.end());  // a directory before what is in it
  return paths;
}

}  // namespace

void enter_namespaces(SandboxMeans means) {
  const bool as_user = means == SandboxMeans::user_namespace;
  const auto uid = ::geteuid();
  const auto gid = ::getegid();
  const int common = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
  if (::unshare(common | (as_user ? CLONE_NEWUSER : 0)) != 0) {
    kernel::fail("enter namespaces of our own");
  }
  if (!as_user) return;
  // Without "deny" the kernel lets no unprivileged process map groups.
  write_once("/proc/self/setgroups", "deny");
  write_once("/proc/self/uid_map", fmt::format("0 {} 1\n", uid));
  write_once("/proc/self/gid_map", fmt::format("0 {} 1\n", gid));
}

void build_view(const SandboxSpec& spec) {
  std::error_code ignored;
  const auto here = fs::current_path(ignored);
  mount_proc();
  make_all_read_only();
  make_devices();
  // Programs make their temporary files there (systemd-analyze without asking TMPDIR); what the
  // host has in them stays in sight, unpacked tools for one.
  for (const auto* path : {"/tmp", "/var/tmp"}) {
    if (fs::is_directory(path) && !fs::is_symlink(path)) shadow(path);
  }
  // The sockets of the host's services are in /run.
  auto empty = spec.empty_directories;
  empty.emplace_back("/run");
  empty = sorted(std::move(empty));
  empty.erase(std::unique(empty.begin(), empty.end()), empty.end());
  for (const auto& path : sorted(spec.private_directories)) make_private(path);
  for (const auto& path : empty) make_empty(path);
  put_files(spec);
  // The working directory is still the host's mount beneath the view; go there anew.
  if (::chdir(here.c_str()) != 0 && ::chdir("/") != 0) kernel::fail("enter '/' of the sandbox");
}

void put_files(const SandboxSpec& spec) {
  std::error_code ignored;
  for (const auto& path : spec.removed) fs::remove_all(path.text(), ignored);
  for (const auto& file : spec.files) put_file(file);
  for (const auto& [path, target] : spec.links) put_link(path, target);
}

void build_network(const SandboxSpec& spec) {
  Netlink netlink;
  netlink.set_up("lo");
  for (const auto& address : spec.addresses) netlink.add_address("lo", address);
}

void drop_capabilities() {
  constexpr std::array<int, 6> given_up{CAP_SYS_TIME,  CAP_SYS_MODULE, CAP_SYS_BOOT,
                                        CAP_SYS_RAWIO, CAP_MKNOD,      CAP_SYS_ADMIN};
  give_up(given_up);
}

void keep_capabilities(std::span<const int> kept) {
  std::vector<int> given_up;
  for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
    if (std::find(kept.begin(), kept.end(), capability) == kept.end()) {
      given_up.push_back(capability);
    }
  }
  give_up(given_up);
}

}  // namespace timectl::system::os
