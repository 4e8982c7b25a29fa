// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/address_kind.hpp"

#include <algorithm>
#include <array>

namespace timectl {

namespace {

struct Block {
  Subnet subnet;
  AddressKind kind;
};

Block block(std::string_view text, AddressKind kind) { return {Subnet::parse(text).value(), kind}; }

/// The first that fits counts: the smaller blocks stand before those that they lie in.
const std::array<Block, 13>& blocks() {
  using enum AddressKind;
  static const std::array<Block, 13> all{
      block("0.0.0.0/8", unspecified),        block("127.0.0.0/8", loopback),
      block("169.254.0.0/16", link_local),    block("224.0.0.0/4", multicast),
      block("255.255.255.255/32", broadcast), block("240.0.0.0/4", reserved),
      block("::/128", unspecified),           block("::1/128", loopback),
      block("::ffff:0:0/96", mapped),         block("::/96", reserved),
      block("100::/64", discarded),           block("fe80::/10", link_local),
      block("ff00::/8", multicast),
  };
  return all;
}

}  // namespace

AddressKind kind_of(const Subnet& subnet) {
  const auto found = std::find_if(blocks().begin(), blocks().end(), [&](const Block& known) {
    return known.subnet.prefix_length <= subnet.prefix_length &&
           known.subnet.contains(subnet.address);
  });
  return found == blocks().end() ? AddressKind::unicast : found->kind;
}

AddressKind kind_of(const IpAddress& address) {
  return kind_of(Subnet{address, address.family() == IpAddress::Family::v4 ? 32 : 128});
}

std::string_view to_string(AddressKind kind) {
  switch (kind) {
    case AddressKind::unicast:
      return "a unicast address";
    case AddressKind::unspecified:
      return "an unspecified address";
    case AddressKind::loopback:
      return "a loopback address";
    case AddressKind::link_local:
      return "a link-local address";
    case AddressKind::multicast:
      return "a multicast address";
    case AddressKind::reserved:
      return "a reserved address";
    case AddressKind::broadcast:
      return "the broadcast address";
    case AddressKind::mapped:
      return "an IPv4 address in IPv6 notation";
    case AddressKind::discarded:
      return "an address that routers discard";
  }
  return "an address";
}

}  // namespace timectl
