// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <chrono>
#include <string>

namespace timectl::system {

/// The few things that are neither a file nor a unit and must follow a change of files.
class HostControl {
 public:
  virtual ~HostControl() = default;

  /// sethostname(2); nothing for an offline root.
  virtual void set_host_name(const std::string& name) = 0;
  /// udevadm control --reload; nothing where no udevd runs.
  virtual void reload_udev() = 0;
  /// Lets the network back end read its files again and put `subject` into that state: its key in
  /// platform/network_backends.hpp and an interface ("networkd:eth0"). For NetworkManager a
  /// connection of timectl's ("network_manager:timectl-eth0"), the interface of one of the user's,
  /// behind its UUID, which may be "" ("network_manager:UUID@wlan0"), or all connections
  /// ("network_manager:*"). The user's is brought up only where the interface is in use with it,
  /// and one whose file is gone is only forgotten; an interface that ifupdown knows no more stays
  /// as it is: what takes its place is for the back end to say. NetworkManager is restarted where
  /// it has nothing to put there, because then it makes a connection up. Nothing where dhcpcd does
  /// not run: it reads its file when it starts.
  virtual void reload_network(const std::string& subject) = 0;

  /// Where NetworkManager runs: has it put its devices and connections back as they are now once
  /// `span` is over (CheckpointCreate of org.freedesktop.NetworkManager, which outlives its caller,
  /// not a boot), unless forget_checkpoint() comes first. Returns the checkpoint's name, "" where
  /// there is no NetworkManager.
  virtual std::string checkpoint_network(std::chrono::seconds span) = 0;
  /// Nothing is put back then. One that is not there is fine.
  virtual void forget_checkpoint(const std::string& name) = 0;
};

}  // namespace timectl::system
