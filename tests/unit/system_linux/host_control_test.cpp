// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "scratch.hpp"
#include "support/catch.hpp"
#include "support/fake_files.hpp"
#include "system/linux/linux.hpp"

using namespace timectl;
using namespace timectl::system;
using timectl::test::error_of;
using timectl::test::FakeFiles;
using timectl::test::ScriptedProcesses;

TEST_CASE("the network is reloaded by whoever is in charge of it") {
  const ScriptedProcesses processes{[](const Command&) { return CommandResult{}; }};
  const FakeFiles files{
      {"/etc/NetworkManager/system-connections/timectl-eth0.nmconnection", "[connection]\n"}};
  const auto host = os::make_host_control(processes, files);
  host->reload_network("networkd:eth0");
  host->reload_network("network_manager:timectl-eth0");
  CHECK(processes.runs() ==
        std::vector<std::string>{"networkctl reload", "networkctl reconfigure eth0",
                                 "nmcli connection load "
                                 "/etc/NetworkManager/system-connections/timectl-eth0.nmconnection",
                                 "nmcli --wait 45 connection up timectl-eth0"});
  for (const auto* wrong : {"dhcpcd:eth0", "networkd", "networkd:", ""}) {
    CHECK(error_of([&] { host->reload_network(wrong); }).kind == ErrorKind::refused);
  }
}

TEST_CASE("a connection whose file is gone is forgotten, not brought up") {
  const ScriptedProcesses processes{[](const Command& command) {
    const bool forgets = command.arguments == std::vector<std::string>{"connection", "reload"};
    return forgets ? CommandResult{} : CommandResult{10, "", "Error: unknown connection\n", false};
  }};
  const FakeFiles none;
  os::make_host_control(processes, none)->reload_network("network_manager:timectl-eth0");
  CHECK(processes.runs() == std::vector<std::string>{"nmcli connection reload"});
}
