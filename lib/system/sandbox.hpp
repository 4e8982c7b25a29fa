// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/address.hpp"
#include "system/files.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace timectl::system {

struct SandboxFile {
  RootedPath path;
  std::string content;
  std::uint32_t mode = 0644;
};

/// Whose programs run in the sandbox of a guest.
enum class GuestPrograms {
  own,            ///< the guest's: "/usr" is its own
  this_machines,  ///< this machine's, on the guest's files
};

/// The file system of another machine that is mounted or unpacked here, such as a card's. None of
/// it is trusted: neither its programs nor its files, which can name programs (dnsmasq's
/// conf-script). Its sandbox has no user of this machine and sees none of its files but programs;
/// lib/system/README.md says by what.
struct SandboxGuest {
  std::string root;  ///< where it is on this machine
  GuestPrograms programs = GuestPrograms::this_machines;
  std::vector<std::string> tools;  ///< directories of this machine that stay in sight; "" is /
};

/// A private view of this machine: the same root with private copies on tmpfs where something
/// is to be written, an empty network, no way to the host's clock, processes, devices or services.
struct SandboxSpec {
  /// Directories that become a private tmpfs with the readable files of the host copied in.
  std::vector<RootedPath> private_directories;
  /// Directories that become an empty private tmpfs (state: /var/lib/chrony, …). /run, where the
  /// sockets of the host's services are, is always one.
  std::vector<RootedPath> empty_directories;
  /// Written into the private directories, parents made.
  std::vector<SandboxFile> files;
  /// Addresses put on the loopback interface of the sandbox's own network.
  std::vector<Subnet> addresses;
  /// Removed from the private directories before files and links are put there.
  std::vector<RootedPath> removed;
  /// Symlinks in the private directories: where they are and where they point.
  std::vector<std::pair<RootedPath, std::string>> links;
  /// The private directories are then copies of what every user may read of its directories.
  std::optional<SandboxGuest> guest;
};

/// What a sandbox is made of on this machine.
enum class SandboxMeans { root, user_namespace, none };

class Sandbox {
 public:
  virtual ~Sandbox() = default;

  virtual SandboxMeans means() const = 0;

  /// Runs `work` in a child process inside new mount, network, PID and IPC namespaces (and a user
  /// namespace without root) and returns the text it returned. All of the machine's ports work
  /// there and see the private view. Whatever `work` started ends with it. Errors thrown by `work`
  /// are thrown here again. Throws Error{refused} when the kernel has no namespaces for us, and
  /// Error{timeout} after `deadline`.
  virtual std::string run_inside(const SandboxSpec& spec, const std::function<std::string()>& work,
                                 std::chrono::seconds deadline) const = 0;
};

}  // namespace timectl::system
