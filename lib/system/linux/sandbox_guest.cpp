// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/sandbox_guest.hpp"

#include "base/error.hpp"
#include "system/linux/kernel_call.hpp"
#include "system/linux/sandbox_copy.hpp"
#include "system/linux/sandbox_mounts.hpp"
#include "system/linux/sandbox_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace timectl::system::os {

namespace {

namespace fs = std::filesystem;
using kernel::Descriptor;

/// Below what systemd keeps for itself (2^31) and above all that is given to users and containers:
/// no process and no file has it, so that nothing of this machine is within its reach.
constexpr uid_t no_users_id = 2147483646;

/// Where the view is put together before it becomes "/"; every machine has it.
constexpr auto place = "/tmp";
/// The guest's directories in the view, from which the private ones are copied.
constexpr auto originals = "/.guest";

constexpr std::array program_directories{"usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32"};

std::string in_place(const std::string& path) { return place + path; }

/// As a program would whose root directory `root` is: no link leads out of it.
Descriptor open_in(const Descriptor& root, const std::string& path, unsigned flags) {
  open_how how{};
  how.flags = flags | O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  return Descriptor{
      static_cast<int>(::syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how))};
}

/// A device node of a card would lead to the disk of that number, also where nothing is writable.
void bind_harmless(const Descriptor& source, const std::string& target) {
  make_mount_point(target, true);
  bind_mount(handle_path(source), target);
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
  if (::mount_setattr(AT_FDCWD, target.c_str(), AT_RECURSIVE, &attributes, sizeof attributes) !=
      0) {
    kernel::fail(fmt::format("make '{}' of the sandbox read-only", target));
  }
}

/// "/lib" is a link to "usr/lib" on one machine and a directory on another one.
void show_programs(const Descriptor& root) {
  for (const std::string name : program_directories) {
    const auto entry = open_in(root, name, O_NOFOLLOW);
    struct stat status {};
    if (!entry || ::fstat(entry.get(), &status) != 0) continue;
    const auto target = in_place("/" + name);
    if (S_ISDIR(status.st_mode)) bind_harmless(entry, target);
    if (!S_ISLNK(status.st_mode)) continue;
    std::array<char, PATH_MAX> text{};
    const auto size = ::readlinkat(entry.get(), "", text.data(), text.size() - 1);
    if (size > 0 && ::symlink(text.data(), target.c_str()) != 0) {
      kernel::fail(fmt::format("make the link '{}' of the sandbox", target));
    }
  }
}

struct Tool {
  std::string path;
  Descriptor directory;
};

std::vector<Tool> open_tools(const SandboxGuest& guest) {
  std::vector<Tool> tools;
  if (guest.programs == GuestPrograms::own) return tools;
  for (const auto& path : guest.tools) {
    // All that is needed of "/" is in sight anyway.
    if (!path.empty()) tools.push_back({path, open_directory(path)});
  }
  return tools;
}

/// Where the view has the directory already, it is one below this machine's /usr.
void show_tool(const Tool& tool) {
  const fs::path target = in_place(tool.path);
  std::error_code problem;  // then the mount says it
  if (fs::is_directory(target, problem)) return;
  fs::create_directories(target.parent_path(), problem);
  bind_harmless(tool.directory, target.string());
}

void show_devices(const Descriptor& devices) {
  const auto directory = in_place("/dev");
  make_mount_point(directory, true);
  // No tty: who opens the terminal of the user can type into it (TIOCSTI).
  for (const auto* name : {"null", "zero", "full", "random", "urandom"}) {
    const auto source = fmt::format("{}/{}", handle_path(devices), name);
    std::error_code none;
    if (!fs::exists(source, none)) continue;
    make_mount_point(fmt::format("{}/{}", directory, name), false);
    bind_mount(source, fmt::format("{}/{}", directory, name));
  }
}

/// A tmpfs that belongs to the user whom the guest's programs run as.
void mount_place(uid_t owner) {
  const auto options = fmt::format("size=64m,nr_inodes=16k,mode=755,uid={},gid={}", owner, owner);
  if (::mount("tmpfs", place, "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) != 0) {
    kernel::fail("mount the sandbox's own files");
  }
}

void make_it_the_root() {
  // pivot_root(2): with "." twice the old root lies over the new one until it is detached.
  if (::chdir(place) != 0 || ::syscall(SYS_pivot_root, ".", ".") != 0 ||
      ::umount2(".", MNT_DETACH) != 0 || ::chdir("/") != 0) {
    kernel::fail("leave this machine's files");
  }
}

/// All is opened before the place hides what is below it, the guest's root for one.
void put_together(const SandboxSpec& spec, uid_t owner) {
  const auto& guest = *spec.guest;
  const auto root = open_directory(guest.root);
  const auto programs = open_directory(guest.programs == GuestPrograms::own ? guest.root : "/");
  const auto devices = open_directory("/dev");
  const auto tools = open_tools(guest);
  mount_place(owner);
  show_programs(programs);
  for (const auto& tool : tools) show_tool(tool);
  show_devices(devices);
  make_mount_point(in_place("/proc"), true);
  bind_mount("/proc", in_place("/proc"));  // to write the maps of the user namespace
  make_mount_point(in_place(originals), true);
  for (std::size_t i = 0; i < spec.private_directories.size(); ++i) {
    const auto original = open_in(root, spec.private_directories[i].text(), O_DIRECTORY);
    if (original) bind_harmless(original, in_place(fmt::format("{}/{}", originals, i)));
  }
}

void limit(__rlimit_resource resource, rlim_t most) {
  rlimit now{};
  if (::getrlimit(resource, &now) != 0) kernel::fail("read the limits of the sandbox");
  const auto least = std::min(now.rlim_max, most);
  now = {least, least};
  if (::setrlimit(resource, &now) != 0) kernel::fail("limit the sandbox");
}

void become_no_user() {
  limit(RLIMIT_NPROC, 64);  // of no other process: it has that user
  if (::setgroups(0, nullptr) != 0 || ::setresgid(no_users_id, no_users_id, no_users_id) != 0 ||
      ::setresuid(no_users_id, no_users_id, no_users_id) != 0) {
    kernel::fail("give up root for the sandbox");
  }
  // Or /proc/self, with the maps to be written, would still be root's.
  if (::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) kernel::fail("own the sandbox's process");
}

}  // namespace

void enter_as_guest(const SandboxSpec& spec) {
  const bool is_root = ::geteuid() == 0;
  ::umask(022);
  if (!is_root) {
    enter_namespaces(SandboxMeans::user_namespace);
  } else if (::unshare(CLONE_NEWNS) != 0) {
    kernel::fail("enter namespaces of our own");
  }
  detach_mounts();
  put_together(spec, is_root ? no_users_id : 0);
  make_it_the_root();
  if (!is_root) return;
  // In a user namespace "root" is a name: to the kernel every process there is the user who made
  // it.
  become_no_user();
  enter_namespaces(SandboxMeans::user_namespace);
}

void build_guest_view(const SandboxSpec& spec) {
  constexpr auto flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  // What is bound there shows this machine's processes: a container may forbid another /proc.
  if (::mount("proc", "/proc", "proc", flags, nullptr) != 0) mount_tmpfs("/proc", 0555);
  for (std::size_t i = 0; i < spec.private_directories.size(); ++i) {
    const auto& path = spec.private_directories[i].text();
    fs::create_directories(path);
    copy_readable(fmt::format("{}/{}", originals, i), path);
  }
  for (const auto* path : {"/run", "/tmp", "/var/tmp"}) fs::create_directories(path);
  for (const auto& path : spec.empty_directories) fs::create_directories(path.text());
  put_files(spec);
}

void give_up_for_guest() {
  ::setsid();
  ::clearenv();
  ::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr);
  limit(RLIMIT_CORE, 0);
  constexpr std::array kept{CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FOWNER,
                            CAP_SETGID, CAP_SETUID,       CAP_NET_BIND_SERVICE};
  keep_capabilities(kept);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) kernel::fail("give up new privileges");
  // This process holds what timectl has read; those that it starts do not look into it.
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) kernel::fail("close the sandbox's process");
}

}  // namespace timectl::system::os
