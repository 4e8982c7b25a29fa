// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace timectl {

/// An IPv4 or IPv6 address, without zone and port.
class IpAddress {
 public:
  enum class Family { v4, v6 };

  /// Dotted quad or RFC 4291 text; anything else is nullopt.
  static std::optional<IpAddress> parse(std::string_view text);

  Family family() const { return family_; }
  std::string text() const;
  /// Network byte order; IPv4 uses the first four.
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }

  auto operator<=>(const IpAddress&) const = default;

 private:
  Family family_ = Family::v4;
  std::array<std::uint8_t, 16> bytes_{};
};

/// An address with a prefix length. The host bits may be set: "192.168.4.2/24" is both an
/// interface's address and the name of its subnet.
struct Subnet {
  IpAddress address;
  int prefix_length = 0;

  /// "192.168.4.0/24"; nullopt without a slash or with a length the family does not have.
  static std::optional<Subnet> parse(std::string_view text);

  bool contains(const IpAddress& other) const;
  /// The same subnet with its host bits cleared.
  Subnet network() const;
  /// 255.255.255.0 for /24; empty for IPv6, which has no such notation.
  std::string netmask() const;
  std::string text() const;

  auto operator<=>(const Subnet&) const = default;
};

/// Six octets, lower case with colons ("b8:27:eb:12:34:56"). All-zero, broadcast and multicast
/// addresses name no network card and are nullopt; dnsmasq --test accepts half a one, so nothing
/// behind us would notice.
std::optional<std::string> parse_mac(std::string_view text);

/// A host or domain name by RFC 1123: labels of letters, digits and inner hyphens.
bool is_host_name(std::string_view text);

}  // namespace timectl
