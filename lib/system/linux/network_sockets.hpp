// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/network.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace timectl::system::os {

/// A line of /proc/net/udp or udp6.
struct UdpSocketLine {
  IpAddress address;
  std::uint16_t port = 0;
  std::uint64_t inode = 0;
};

/// Both formats; lines of any other shape (the heading) are left out.
std::vector<UdpSocketLine> parse_udp_sockets(std::string_view text);

/// The UDP sockets bound to `port` and who holds them. `proc` is where procfs is mounted.
std::vector<UdpListener> listeners_on(std::uint16_t port, const std::string& proc);

/// The connections among the lines of /proc/net/tcp or tcp6: those established, loopback aside.
std::vector<Connection> parse_connections(std::string_view text);

/// All of them, as Network::connections().
std::vector<Connection> connections_in(const std::string& proc);

}  // namespace timectl::system::os
