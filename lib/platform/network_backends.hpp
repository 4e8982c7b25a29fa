// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <array>
#include <string>

/// The network back ends as the distribution has them: a row each. facts recognizes them by these.
/// What a row cannot say is a function there.
namespace timectl::platform {

/// In the order of the rows below.
enum class NetworkBackendName { netplan, network_manager, dhcpcd, networkd, ifupdown, unknown };

struct NetworkBackendRow {
  NetworkBackendName name = NetworkBackendName::unknown;
  const char* word = "";                  ///< what messages and JSON documents call it
  std::array<const char*, 3> packages{};  ///< that facts reports; the first one is its own
  /// Enabled or active, it proves that this back end is in use, unless facts/network_owner.cpp
  /// knows better.
  const char* unit = "";
  /// Where it says what interfaces get: "DIRECTORY/*SUFFIX" or one file; "" where only
  /// facts/network_files.cpp can tell.
  const char* files = "";
  const char* interface_key = "";  ///< the word before an interface's name in these files
};

namespace dhcpcd {

inline constexpr auto configuration = "/etc/dhcpcd.conf";

}  // namespace dhcpcd

/// In the order in which facts considers them.
inline constexpr std::array network_backends{
    NetworkBackendRow{
        .name = NetworkBackendName::netplan,
        .word = "netplan",
        .packages = {"netplan.io"},
    },
    NetworkBackendRow{
        .name = NetworkBackendName::network_manager,
        .word = "NetworkManager",
        .packages = {"network-manager"},
        .unit = "NetworkManager.service",
        .files = "/etc/NetworkManager/system-connections/*.nmconnection",
        .interface_key = "interface-name",
    },
    NetworkBackendRow{
        .name = NetworkBackendName::dhcpcd,
        .word = "dhcpcd",
        .packages = {"dhcpcd", "dhcpcd-base", "dhcpcd5"},
        .unit = "dhcpcd.service",
        .files = dhcpcd::configuration,
        .interface_key = "interface",
    },
    NetworkBackendRow{
        .name = NetworkBackendName::networkd,
        .word = "systemd-networkd",
        .packages = {"systemd"},
        .unit = "systemd-networkd.service",
        .files = "/etc/systemd/network/*.network",
        .interface_key = "Name",
    },
    NetworkBackendRow{
        .name = NetworkBackendName::ifupdown,
        .word = "ifupdown",
        .packages = {"ifupdown"},
        .unit = "networking.service",
        .interface_key = "iface",
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
