// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/address.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include <arpa/inet.h>
#include <sys/socket.h>

namespace timectl {

namespace {

int width(IpAddress::Family family) { return family == IpAddress::Family::v4 ? 32 : 128; }

/// The bits of octet `index` that belong to the network part.
std::uint8_t octet_mask(int prefix_length, std::size_t index) {
  const int bits = std::clamp(prefix_length - static_cast<int>(index) * 8, 0, 8);
  return static_cast<std::uint8_t>(0xff00U >> bits);
}

bool is_label(std::string_view label) {
  const auto is_inner = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; };
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), is_inner);
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string terminated{text};
  if (terminated.find('\0') != std::string::npos) return std::nullopt;
  IpAddress address;
  if (inet_pton(AF_INET, terminated.c_str(), address.bytes_.data()) == 1) return address;
  address.family_ = Family::v6;
  if (inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) == 1) return address;
  return std::nullopt;
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  const int family = family_ == Family::v4 ? AF_INET : AF_INET6;
  return inet_ntop(family, bytes_.data(), buffer.data(), buffer.size());
}

std::optional<Subnet> Subnet::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = IpAddress::parse(text.substr(0, slash));
  const auto length = to_integer(text.substr(slash + 1));
  if (!address || !length || *length < 0 || *length > width(address->family())) return std::nullopt;
  return Subnet{*address, static_cast<int>(*length)};
}

bool Subnet::contains(const IpAddress& other) const {
  if (other.family() != address.family()) return false;
  for (std::size_t i = 0; i < other.bytes().size(); ++i) {
    const auto mask = octet_mask(prefix_length, i);
    if ((other.bytes()[i] & mask) != (address.bytes()[i] & mask)) return false;
  }
  return true;
}

Subnet Subnet::network() const {
  const bool v4 = address.family() == IpAddress::Family::v4;
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  auto bytes = address.bytes();
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] &= octet_mask(prefix_length, i);
  inet_ntop(v4 ? AF_INET : AF_INET6, bytes.data(), buffer.data(), buffer.size());
  return {*IpAddress::parse(buffer.data()), prefix_length};
}

std::string Subnet::netmask() const {
  if (address.family() == IpAddress::Family::v6) return {};
  return fmt::format("{}.{}.{}.{}", octet_mask(prefix_length, 0), octet_mask(prefix_length, 1),
                     octet_mask(prefix_length, 2), octet_mask(prefix_length, 3));
}

std::string Subnet::text() const { return fmt::format("{}/{}", address.text(), prefix_length); }

std::optional<std::string> parse_mac(std::string_view text) {
  if (text.size() != 17) return std::nullopt;
  std::string mac;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool separator = i % 3 == 2;
    if (separator ? (c != ':' && c != '-') : std::isxdigit(c) == 0) return std::nullopt;
    mac += separator ? ':' : static_cast<char>(std::tolower(c));
  }
  const unsigned first = static_cast<unsigned>(std::stoul(mac.substr(0, 2), nullptr, 16));
  const bool multicast = (first & 1U) != 0;  // broadcast is a multicast address too
  if (multicast || mac == "00:00:00:00:00:00") return std::nullopt;
  return mac;
}

bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  const auto labels = split(text, '.');
  return std::all_of(labels.begin(), labels.end(), is_label);
}

}  // namespace timectl
