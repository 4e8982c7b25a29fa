// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/names.hpp"

#include "base/address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace timectl::profile {

namespace {

std::string lower(std::string_view text) {
  std::string lowered{text};
  std::transform(lowered.begin(), lowered.end(), lowered.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lowered;
}

bool has_only(std::string_view text, std::string_view characters) {
  return text.find_first_not_of(characters) == std::string_view::npos;
}

/// inet_aton(3), and with it every resolver, reads "1", "010" and "0x10" as addresses, and so
/// "127.1"; no top-level domain is a number (RFC 3696 section 2).
bool ends_in_number(std::string_view lowered) {
  auto last = lowered.substr(lowered.rfind('.') + 1);
  const bool hexadecimal = last.starts_with("0x");
  if (hexadecimal) last.remove_prefix(2);
  return has_only(last, hexadecimal ? "0123456789abcdef" : "0123456789");
}

constexpr std::array<std::string_view, 15> names_of_every_host{
    "localhost",     "localhost.localdomain",
    "localhost4",    "localhost4.localdomain4",
    "localhost6",    "localhost6.localdomain6",
    "ip6-localhost", "ip6-loopback",
    "ip6-localnet",  "ip6-mcastprefix",
    "ip6-allnodes",  "ip6-allrouters",
    "ip6-allhosts",  "loopback",
    "broadcasthost",
};

bool is_local(std::string_view lowered) {
  const auto& names = names_of_every_host;
  return std::find(names.begin(), names.end(), lowered) != names.end() ||
         lowered.ends_with(".localhost") || lowered.ends_with(".localhost.localdomain");
}

/// dnsmasq takes such a word of dhcp-host= for a lease time: "45", "12h" and "12H".
bool is_lease_time(std::string_view lowered) {
  if (std::string_view{"smhdw"}.find(lowered.back()) != std::string_view::npos) {
    lowered.remove_suffix(1);
  }
  return !lowered.empty() && has_only(lowered, "0123456789");
}

/// What `name`, one label, means to others than this site; empty when nothing.
std::string_view other_meaning(const std::string& name) {
  const auto lowered = lower(name);
  if (ends_in_number(lowered)) return "resolvers take this one for a number";
  if (is_local(lowered)) return "this one means something on every host";
  const bool is_word = lowered == "ignore" || lowered == "infinite";
  if (is_word || is_lease_time(lowered)) return "this one means something else to DHCP";
  return {};
}

}  // namespace

std::span<const std::string_view> local_names() { return names_of_every_host; }

bool is_same_name(std::string_view a, std::string_view b) { return lower(a) == lower(b); }

std::string wrong_host_name(const std::string& name) {
  const bool label = name.find('.') == std::string::npos && is_host_name(name);
  if (!label) return "a host name: one label of letters, digits and inner hyphens (RFC 1123)";
  const auto meaning = other_meaning(name);
  return meaning.empty() ? "" : fmt::format("another host name: {}", meaning);
}

std::string_view why_not_remote(std::string_view name) {
  const auto lowered = lower(name);
  if (ends_in_number(lowered)) return "resolvers take this one for an address";
  if (is_local(lowered)) return "every host has this name for itself";
  return {};
}

}  // namespace timectl::profile
