// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Addresses, subnets and the names of other machines.
#include "base/address_kind.hpp"
#include "profile/kinds.hpp"
#include "profile/names.hpp"
#include "profile/patterns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

namespace timectl::profile::kind {

namespace {

/// What keeps packets to such an address from being answered by one machine.
std::string_view consequence_of(AddressKind kind) {
  switch (kind) {
    case AddressKind::loopback:
      return "every host has it for itself";
    case AddressKind::link_local:
      return "it means something on one link alone";
    case AddressKind::multicast:
    case AddressKind::broadcast:
      return "nothing answers from it";
    case AddressKind::mapped:
      return "write the IPv4 address";
    default:
      return "no machine has it";
  }
}

/// "the address of a host: 224.0.0.1 is a multicast address, nothing answers from it".
void reject_kind(const Spot& spot, std::string_view expected, std::string_view text,
                 AddressKind kind) {
  spot.reject(
      fmt::format("{}: {} is {}, {}", expected, text, to_string(kind), consequence_of(kind)));
}

/// The spot's address when it is of IPv4 and of one of the kinds.
std::optional<IpAddress> ipv4_of_kind(const Spot& spot, std::string_view expected,
                                      std::initializer_list<AddressKind> kinds) {
  const auto text = Text::read(spot);
  if (!text) return std::nullopt;
  const auto address = IpAddress::parse(*text);
  if (!address || address->family() != IpAddress::Family::v4) {
    spot.reject("an IPv4 address such as \"192.168.4.2\"");
    return std::nullopt;
  }
  const auto kind = kind_of(*address);
  if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) return address;
  reject_kind(spot, expected, *text, kind);
  return std::nullopt;
}

/// A zone is not known here: of link-local addresses only IPv4's reach a machine.
bool is_remote(const IpAddress& address) {
  const auto kind = kind_of(address);
  const bool v4 = address.family() == IpAddress::Family::v4;
  return kind == AddressKind::unicast || (kind == AddressKind::link_local && v4);
}

/// The spot's text when it is a name that another machine can have.
std::optional<std::string> remote_name(const Spot& spot, std::string_view expected,
                                       const std::string& text) {
  const auto why = is_host_name(text) ? why_not_remote(text) : "";
  if (is_host_name(text) && why.empty()) return text;
  spot.reject(why.empty() ? std::string{expected} : fmt::format("{}: {}", expected, why));
  return std::nullopt;
}

/// A subnet without host bits.
std::optional<Subnet> read_subnet(const Spot& spot) {
  const auto text = Text::read(spot);
  if (!text) return std::nullopt;
  const auto subnet = Subnet::parse(*text);
  if (!subnet) {
    spot.reject("a subnet such as \"192.168.4.0/24\"");
    return std::nullopt;
  }
  if (subnet->network() == *subnet) return subnet;
  spot.reject(
      fmt::format("a subnet without host bits; did you mean \"{}\"?", subnet->network().text()));
  return std::nullopt;
}

Value pattern_rule(std::string pattern) {
  return object_value(
      {{"type", text_value("string")}, {"pattern", text_value(std::move(pattern))}});
}

Value name_rule(std::string pattern) {
  return object_value({{"type", text_value("string")},
                       {"minLength", number_value(1)},
                       {"maxLength", number_value(253)},
                       {"pattern", text_value(std::move(pattern))}});
}

/// An address of IPv4.
constexpr std::string_view v4 = R"((?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9]))"
                                R"((?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3})";

}  // namespace

std::optional<std::string> TimeSource::read(const Spot& spot) {
  constexpr std::string_view expected = "the name or the address of another machine";
  const auto text = Text::read(spot);
  if (!text) return std::nullopt;
  const auto address = IpAddress::parse(*text);
  if (!address) return remote_name(spot, expected, *text);
  // In one spelling, so that an address of IPv6 that is listed twice is found.
  if (is_remote(*address)) return address->text();
  reject_kind(spot, expected, *text, kind_of(*address));
  return std::nullopt;
}

Value TimeSource::rule() {
  constexpr std::string_view not_v4 = R"((?!0\.|127\.|22[4-9]\.|2[3-5][0-9]\.))";
  constexpr std::string_view v6 =
      "(?![Ff]{2}[0-9A-Fa-f]{2}:|[Ff][Ee][89AaBb][0-9A-Fa-f]:|::1?$|::[Ff]{4}:)"
      "[0-9A-Fa-f]*:[0-9A-Fa-f:.]*";
  return name_rule(fmt::format("^(?:{}{}|{}|{})$", not_v4, v4, v6, remote_name_pattern()));
}

std::optional<std::string> Pool::read(const Spot& spot) {
  const auto text = Text::read(spot);
  return text ? remote_name(spot, "the host name of a pool", *text) : std::nullopt;
}

Value Pool::rule() { return name_rule(fmt::format("^{}$", remote_name_pattern())); }

bool is_network_name(std::string_view text) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz";
  constexpr std::string_view more = "abcdefghijklmnopqrstuvwxyz0123456789_-";
  return !text.empty() && text.size() <= 32 && letters.find(text.front()) != text.npos &&
         text.find_first_not_of(more) == text.npos;
}

std::string network_name_pattern() { return "^[a-z][a-z0-9_-]{0,31}$"; }

std::optional<std::string> NetworkName::read(const Spot& spot) {
  auto text = Text::read(spot);
  if (!text || is_network_name(*text)) return text;
  spot.reject(network_name_expected);
  return std::nullopt;
}

Value NetworkName::rule() { return pattern_rule(network_name_pattern()); }

std::optional<IpAddress> HostAddress::read(const Spot& spot) {
  return ipv4_of_kind(spot, "the address of a host", {AddressKind::unicast});
}

Value HostAddress::rule() {
  return pattern_rule(
      fmt::format("^{}{}$", R"((?!0\.|127\.|169\.254\.|22[4-9]\.|2[3-5][0-9]\.))", v4));
}

std::optional<IpAddress> NameServer::read(const Spot& spot) {
  using enum AddressKind;
  // A host may have a resolver of its own, at 127.0.0.1 or systemd-resolved's 127.0.0.53.
  return ipv4_of_kind(spot, "the address of a name server", {unicast, loopback, link_local});
}

Value NameServer::rule() {
  return pattern_rule(fmt::format("^{}{}$", R"((?!0\.|22[4-9]\.|2[3-5][0-9]\.))", v4));
}

std::optional<Subnet> ClientSubnet::read(const Spot& spot) {
  using enum AddressKind;
  const auto subnet = read_subnet(spot);
  if (!subnet) return std::nullopt;
  // "0.0.0.0/0" and "::/0" hold addresses of every kind: they say that everyone may ask.
  const auto kind = kind_of(*subnet);
  if (kind == unicast || kind == loopback || kind == link_local) return subnet;
  reject_kind(spot, "a subnet that requests come from", subnet->text(), kind);
  return std::nullopt;
}

Value ClientSubnet::rule() {
  return pattern_rule(
      R"(^(?!0\.[0-9.]+/(?:[89]|[123][0-9])$)"
      R"(|(?:22[4-9]|2[3-5][0-9])\.[0-9.]+/(?:[4-9]|[123][0-9])$)"
      R"(|[Ff]{2}[0-9A-Fa-f]{2}:[0-9A-Fa-f:.]*/(?:[89]|[1-9][0-9]+)$)"
      R"(|::[Ff]{4}:[0-9A-Fa-f:.]*/(?:9[6-9]|1[0-9]{2})$)[0-9A-Fa-f.:]+/[0-9]{1,3}$)");
}

std::optional<Subnet> SiteSubnet::read(const Spot& spot) {
  // Static addresses, dnsmasq's reservations and option 42 are IPv4; NTP servers, DNS names and
  // allow lists of a site may be IPv6 all the same.
  const auto subnet = read_subnet(spot);
  if (!subnet) return std::nullopt;
  // Link-local addresses are neither configured nor given by DHCP (RFC 3927 section 1.6).
  const bool is_v4 = subnet->address.family() == IpAddress::Family::v4;
  if (is_v4 && kind_of(*subnet) == AddressKind::unicast && subnet->prefix_length >= 8 &&
      subnet->prefix_length <= 30)
    return subnet;
  spot.reject("an IPv4 subnet of unicast addresses, from /8 to /30");
  return std::nullopt;
}

Value SiteSubnet::rule() {
  return pattern_rule(fmt::format(
      "^{}{}{}", R"((?!0\.|127\.|169\.254\.[0-9.]+/(?:1[6-9]|2[0-9]|30)$|22[4-9]\.|2[3-5][0-9]\.))",
      v4, "/(?:[89]|[12][0-9]|30)$"));
}

}  // namespace timectl::profile::kind
