// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <array>
#include <chrono>
#include <string>

/// The network back ends as the distribution has them: a row each. facts recognizes them by these,
/// system/linux reloads them, probe says where their log is. What a row cannot say is a function of
/// that module.
namespace timectl::platform {

/// In the order of the rows below.
enum class NetworkBackendName { netplan, network_manager, dhcpcd, networkd, ifupdown, unknown };

/// How a back end is brought to apply its files, where one command does that for all interfaces.
struct NetworkReload {
  const char* command = "";  ///< a program and its arguments, separated by spaces
  std::chrono::seconds limit{};
  const char* purpose = "";  ///< the half of a sentence that follows "cannot"
};

struct NetworkBackendRow {
  NetworkBackendName name = NetworkBackendName::unknown;
  const char* word = "";  ///< what messages and JSON documents call it
  /// In the subject of a reload (HostControl::reload_network). It is in journals on hosts, and so
  /// never changes.
  const char* key = "";
  std::array<const char*, 3> packages{};  ///< that facts reports; the first one is its own
  /// Enabled or active, it proves that this back end is in use, unless facts/network_owner.cpp
  /// knows better. The journal has its log.
  const char* unit = "";
  /// Where it says what interfaces get: "DIRECTORY/*SUFFIX" or one file; "" where only
  /// facts/network_files.cpp can tell.
  const char* files = "";
  const char* interface_key = "";  ///< the word before an interface's name in these files
  NetworkReload reload = {};       ///< none where system/linux/host_control.cpp has more to do
  /// Half a sentence: the command that shows what it does with INTERFACE; "" where only its log
  /// says so.
  const char* diagnosis = "";
};

namespace dhcpcd {

inline constexpr auto configuration = "/etc/dhcpcd.conf";

}  // namespace dhcpcd

/// In the order in which facts considers them.
inline constexpr std::array network_backends{
    NetworkBackendRow{
        .name = NetworkBackendName::netplan,
        .word = "netplan",
        .key = "netplan",
        .packages = {"netplan.io"},
        // It checks all files before it changes anything, and starts whichever daemon it writes
        // for.
        .reload = {"netplan apply", std::chrono::seconds{120}, "let netplan apply its files again"},
        .diagnosis = "'netplan get' shows what its files add up to",
    },
    NetworkBackendRow{
        .name = NetworkBackendName::network_manager,
        .word = "NetworkManager",
        .key = "network_manager",
        .packages = {"network-manager"},
        .unit = "NetworkManager.service",
        .files = "/etc/NetworkManager/system-connections/*.nmconnection",
        .interface_key = "interface-name",
        .diagnosis = "'nmcli device show INTERFACE' names the connection it uses",
    },
    NetworkBackendRow{
        .name = NetworkBackendName::dhcpcd,
        .word = "dhcpcd",
        .key = "dhcpcd",
        .packages = {"dhcpcd", "dhcpcd-base", "dhcpcd5"},
        .unit = "dhcpcd.service",
        .files = dhcpcd::configuration,
        .interface_key = "interface",
    },
    NetworkBackendRow{
        .name = NetworkBackendName::networkd,
        .word = "systemd-networkd",
        .key = "networkd",
        .packages = {"systemd"},
        .unit = "systemd-networkd.service",
        .files = "/etc/systemd/network/*.network",
        .interface_key = "Name",
        // That reconfigures what changed, since systemd 244. Doing so again at once is a race that
        // leaves the interface without an address: the second lease is the first one's, which is
        // still going.
        .reload = {"networkctl reload", std::chrono::seconds{30},
                   "let systemd-networkd read its files again"},
        .diagnosis = "'networkctl status INTERFACE' names the file it uses",
    },
    NetworkBackendRow{
        .name = NetworkBackendName::ifupdown,
        .word = "ifupdown",
        .key = "ifupdown",
        .packages = {"ifupdown"},
        .unit = "networking.service",
        .interface_key = "iface",
        .diagnosis = "'ifquery INTERFACE' shows what it uses",
    },
};

inline constexpr NetworkBackendRow unknown_network_backend{.word = "unknown"};

constexpr const NetworkBackendRow& network_backend(NetworkBackendName name) {
  for (const auto& row : network_backends) {
    if (row.name == name) return row;
  }
  return unknown_network_backend;
}

inline std::string to_string(NetworkBackendName name) { return network_backend(name).word; }

}  // namespace timectl::platform
