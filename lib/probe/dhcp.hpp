// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/address.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

/// The part of DHCP (RFC 2131) that asks a server for its clients' options.
namespace timectl::probe {

struct DhcpReply {
  std::uint32_t transaction = 0;
  bool is_acknowledgement = false;     ///< DHCPACK
  std::vector<IpAddress> ntp_servers;  ///< option 42
  std::optional<IpAddress> server;     ///< option 54
};

using HardwareAddress = std::array<std::uint8_t, 6>;

/// A DHCPINFORM from a host that has its address already: the answer is what clients get, and
/// nothing is leased.
std::vector<std::uint8_t> make_dhcp_inform(std::uint32_t transaction, const IpAddress& client,
                                           const HardwareAddress& hardware);

/// nullopt for anything that is no DHCP reply.
std::optional<DhcpReply> parse_dhcp_reply(std::span<const std::uint8_t> bytes);

}  // namespace timectl::probe
