// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/address.hpp"

#include <string_view>

namespace timectl {

/// What an address can be used for, by the special-purpose registries (RFC 6890) and RFC 1122
/// section 3.2.1.3.
enum class AddressKind {
  unicast,      ///< one machine can have it
  unspecified,  ///< 0.0.0.0/8, ::
  loopback,     ///< 127.0.0.0/8, ::1: every host itself
  link_local,   ///< 169.254.0.0/16, fe80::/10: IPv6's mean nothing without a zone
  multicast,    ///< 224.0.0.0/4, ff00::/8
  reserved,     ///< 240.0.0.0/4; the deprecated ::a.b.c.d (RFC 4291 section 2.5.5.1)
  broadcast,    ///< 255.255.255.255
  mapped,       ///< ::ffff:a.b.c.d, an IPv4 address in IPv6's notation
  discarded,    ///< 100::/64: routers drop what is sent to it (RFC 6666)
};

AddressKind kind_of(const IpAddress& address);
/// The kind that all addresses of the subnet have; unicast when they have several.
AddressKind kind_of(const Subnet& subnet);
/// "a multicast address", for messages.
std::string_view to_string(AddressKind kind);

}  // namespace timectl
