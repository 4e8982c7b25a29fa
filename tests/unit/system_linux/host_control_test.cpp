// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "platform/network_backends.hpp"
#include "scratch.hpp"
#include "support/catch.hpp"
#include "support/fake_files.hpp"
#include "system/linux/linux.hpp"

using namespace timectl;
using namespace timectl::system;
using timectl::test::error_of;
using timectl::test::FakeFiles;
using timectl::test::ScriptedProcesses;

TEST_CASE("the network is reloaded by its back end") {
  const ScriptedProcesses processes{[](const Command&) { return CommandResult{}; }};
  const FakeFiles files{
      {"/etc/NetworkManager/system-connections/timectl-eth0.nmconnection", "[connection]\n"}};
  const auto host = os::make_host_control(processes, files);
  host->reload_network("networkd:eth0");
  host->reload_network("network_manager:timectl-eth0");
  CHECK(processes.runs() ==
        std::vector<std::string>{"networkctl reload",
                                 "nmcli connection load "
                                 "/etc/NetworkManager/system-connections/timectl-eth0.nmconnection",
                                 "nmcli --wait 45 connection up id timectl-eth0"});
  for (const auto* wrong :
       {"wicked:eth0", "networkd", "networkd:", "netplan:", "", "ifupdown:-a", "dhcpcd:--exit",
        "network_manager:../../x", "network_manager:-h", "ifupdown:eth0 -a", "netplan:eth0\n",
        "network_manager:@", "network_manager:6d5f2f6e@-h", "network_manager:@wlan0 up"}) {
    CHECK(error_of([&] { host->reload_network(wrong); }).kind == ErrorKind::refused);
  }
}

TEST_CASE("each network back end can be reloaded by the key of its row") {
  for (const auto& backend : platform::network_backends) {
    INFO(backend.word);
    const ScriptedProcesses processes{[](const Command&) { return CommandResult{}; }};
    const FakeFiles files;
    const auto host = os::make_host_control(processes, files);
    CHECK_NOTHROW(host->reload_network(std::string{backend.key} + ":eth0"));
    CHECK_FALSE(processes.runs().empty());
  }
}

namespace {

/// NetworkManager without timectl's connection, with `others` that fit the interface.
std::vector<std::string> runs_to_forget(const std::string& others) {
  const ScriptedProcesses processes{[&](const Command& command) {
    const bool asks = command.arguments.front() == "--get-values";
    return CommandResult{0, asks ? others : "", "", false};
  }};
  const FakeFiles none;
  os::make_host_control(processes, none)->reload_network("network_manager:timectl-eth0");
  return processes.runs();
}

const std::string asks_for_others =
    "nmcli --get-values CONNECTIONS.AVAILABLE-CONNECTIONS device show eth0";

}  // namespace

TEST_CASE("a connection whose file is gone is forgotten, not brought up") {
  CHECK(runs_to_forget("5b02c277 | Wired connection 1\n") ==
        std::vector<std::string>{"nmcli connection reload", asks_for_others});
}

TEST_CASE("a host was cut off when NetworkManager had no other connection: it starts anew") {
  CHECK(runs_to_forget("\n") ==
        std::vector<std::string>{"nmcli connection reload", asks_for_others,
                                 "nmcli --wait 20 device disconnect eth0",
                                 "systemctl restart NetworkManager.service"});
}

TEST_CASE("connections that went with their files are forgotten without bringing any up") {
  const ScriptedProcesses processes{[](const Command&) { return CommandResult{}; }};
  const FakeFiles none;
  os::make_host_control(processes, none)->reload_network("network_manager:*");
  CHECK(processes.runs() == std::vector<std::string>{"nmcli connection reload"});
}

TEST_CASE("a user's connection is read again, and brought up where its interface has it") {
  const std::string active = "6d5f2f6e-33a5-4a4e-9a57-0c5ad9a86f4b";
  const auto runs_with = [](const std::string& subject, const std::string& found) {
    const ScriptedProcesses processes{[&](const Command& command) {
      const bool asks = command.arguments.front() == "--get-values";
      return CommandResult{0, asks ? found : "", "", false};
    }};
    const FakeFiles files;
    os::make_host_control(processes, files)->reload_network(subject);
    return processes.runs();
  };
  const std::vector<std::string> asks{"nmcli connection reload",
                                      "nmcli --get-values GENERAL.CON-UUID device show wlan0"};
  auto up = asks;
  up.push_back("nmcli --wait 45 connection up uuid " + active + " ifname wlan0");
  CHECK(runs_with("network_manager:" + active + "@wlan0", active + "\n") == up);
  CHECK(runs_with("network_manager:6D5F2F6E-33A5-4A4E-9A57-0C5AD9A86F4B@wlan0", active + "\n") ==
        up);
  CHECK(runs_with("network_manager:@wlan0", active + "\n") == up);
  // Another network, or none: nothing is gained by taking the interface there.
  CHECK(runs_with("network_manager:" + active + "@wlan0", "0c5ad9a8-phone\n") == asks);
  CHECK(runs_with("network_manager:" + active + "@wlan0", "\n") == asks);
  CHECK(runs_with("network_manager:@wlan0", "\n") == asks);
}

TEST_CASE("netplan applies all of its files at once, and its refusal is an error") {
  const ScriptedProcesses processes{[](const Command&) { return CommandResult{}; }};
  const FakeFiles files;
  os::make_host_control(processes, files)->reload_network("netplan:eth0");
  CHECK(processes.runs() == std::vector<std::string>{"netplan apply"});
  const ScriptedProcesses refusing{[](const Command&) {
    return CommandResult{78, "", "90-timectl.yaml:5:3: Invalid YAML\n", false};
  }};
  const auto host = os::make_host_control(refusing, files);
  const auto error = error_of([&] { host->reload_network("netplan:eth0"); });
  CHECK(error.message.find("Invalid YAML") != std::string::npos);
}

TEST_CASE("a running dhcpcd is told of one interface, and none is started") {
  bool is_active = true;
  const ScriptedProcesses processes{[&](const Command& command) {
    return CommandResult{command.program == "systemctl" && !is_active ? 3 : 0, "", "", false};
  }};
  const FakeFiles files;
  const auto host = os::make_host_control(processes, files);
  host->reload_network("dhcpcd:eth0");
  is_active = false;
  host->reload_network("dhcpcd:eth0");
  CHECK(processes.runs() == std::vector<std::string>{"systemctl --quiet is-active dhcpcd.service",
                                                     "dhcpcd --rebind -- eth0",
                                                     "systemctl --quiet is-active dhcpcd.service"});
}

TEST_CASE("ifupdown's interface loses its lease and its old address before it gets the new one") {
  const ScriptedProcesses processes{[](const Command& command) {
    // There was no DHCP client to stop, and that is no failure.
    return CommandResult{command.program == "ifdown" ? 1 : 0, "", "", false};
  }};
  const FakeFiles files;
  os::make_host_control(processes, files)->reload_network("ifupdown:eth0");
  CHECK(processes.runs() ==
        std::vector<std::string>{"ifquery -- eth0", "ifdown --force -i /dev/stdin -- eth0",
                                 "ifdown --force -- eth0", "ip -4 address flush dev eth0",
                                 "ifup -- eth0"});
}

TEST_CASE("an interface that ifupdown's files do not have any more stays up") {
  const ScriptedProcesses processes{[](const Command& command) {
    return CommandResult{command.program == "ifquery" ? 1 : 0, "", "", false};
  }};
  const FakeFiles files;
  os::make_host_control(processes, files)->reload_network("ifupdown:eth0");
  CHECK(processes.runs() == std::vector<std::string>{"ifquery -- eth0"});
}

TEST_CASE("below a root nothing of this host follows what a card asks for") {
  const auto host = os::make_offline_host_control();
  host->set_host_name("taken-over");
  host->reload_udev();
  host->reload_network("ifupdown:eth0");
  CHECK(host->checkpoint_network(std::chrono::seconds{1}).empty());
  host->forget_checkpoint("/org/freedesktop/NetworkManager/Checkpoint/1");
  const auto daemons = os::make_offline_time_daemons();
  CHECK_FALSE(daemons->chrony_tracking());
  CHECK_FALSE(daemons->chrony_sources());
  CHECK_FALSE(daemons->timesync());
  CHECK(error_of([&] { daemons->step_clock(); }).kind == ErrorKind::missing);
}
