// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "support/fuse.hpp"
#include "system/host_control.hpp"

#include <vector>

namespace timectl::test {

class FakeHostControl : public system::HostControl {
 public:
  std::string host_name = "old";
  std::vector<std::string> log;  ///< "network networkd:eth0", "udev", "name pi-ntp"
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
  void reload_network(const std::string& subject) override {
    fuse.burn("reload the network");
    log.push_back("network " + subject);
  }
};

}  // namespace timectl::test
