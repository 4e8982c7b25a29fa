// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/address.hpp"
#include "system/linux/kernel_call.hpp"

#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <linux/rtnetlink.h>

/// As much rtnetlink(7) as timectl needs.
namespace timectl::system::os {

/// The fixed part behind the header; zeros when the message is too short to have one.
template <typename Fixed>
Fixed netlink_fixed(const nlmsghdr& message) {
  Fixed fixed{};
  const auto* start = reinterpret_cast<const std::uint8_t*>(&message) + sizeof message;
  if (message.nlmsg_len >= sizeof message + sizeof fixed) std::memcpy(&fixed, start, sizeof fixed);
  return fixed;
}

/// The attributes behind the fixed part of a message.
class NetlinkAttributes {
 public:
  NetlinkAttributes(const nlmsghdr& message, std::size_t fixed_size);
  /// Those that are nested: of a way of a route.
  explicit NetlinkAttributes(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  /// The value of attribute `type`; empty when the message has none.
  std::span<const std::uint8_t> find(unsigned short type) const;
  std::optional<std::uint32_t> number(unsigned short type) const;
  /// Text up to its NUL.
  std::string text(unsigned short type) const;

 private:
  std::span<const std::uint8_t> bytes_;
};

/// An address from an attribute's bytes; nullopt unless there are as many as the family has.
std::optional<IpAddress> netlink_address(int family, std::span<const std::uint8_t> bytes);

/// A NETLINK_ROUTE socket in the network namespace of its creator.
class Netlink {
 public:
  Netlink();

  /// Asks for everything of one kind (RTM_GETLINK, …) and hands each message to `visit`.
  void dump(unsigned short type, const std::function<void(const nlmsghdr&)>& visit);

  void set_up(const std::string& interface);
  /// An address that is there already is fine.
  void add_address(const std::string& interface, const Subnet& address);

 private:
  void send(std::vector<std::uint8_t>& message, const std::string& what);
  void acknowledge(std::vector<std::uint8_t>& message, const std::string& what);
  /// One datagram of the kernel, or the failure to get one.
  std::span<const std::uint8_t> receive(const std::string& what);

  kernel::Descriptor socket_;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace timectl::system::os
