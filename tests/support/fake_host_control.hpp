// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "support/fuse.hpp"
#include "system/host_control.hpp"

#include <chrono>
#include <optional>
#include <vector>

namespace timectl::test {

class FakeHostControl : public system::HostControl {
 public:
  std::string host_name = "old";
  std::vector<std::string> log;  ///< "network networkd:eth0", "udev", "name pi-ntp"
  bool has_network_manager = false;
  std::optional<std::chrono::seconds> checkpoint;  ///< one that would still act
  Fuse fuse;

  void set_host_name(const std::string& name) override {
    fuse.burn("set the host name");
    host_name = name;
    log.push_back("name " + name);
  }
  void reload_udev() override {
    fuse.burn("reload udev");
    log.emplace_back("udev");
  }
  std::string checkpoint_network(std::chrono::seconds span) override {
    fuse.burn("make a checkpoint");
    if (!has_network_manager) return {};
    checkpoint = span;
    return "/Checkpoint/1";
  }
  void forget_checkpoint(const std::string&) override {
    fuse.burn("forget the checkpoint");
    checkpoint.reset();
  }
  void reload_network(const std::string& subject) override {
    fuse.burn("reload the network");
    log.push_back("network " + subject);
  }
};

}  // namespace timectl::test
