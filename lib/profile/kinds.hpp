// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Internal to profile: single values of a profile. Each function returns what the value means, or
// says at the spot what was expected and returns nullopt.
#pragma once

#include "base/address.hpp"
#include "profile/profile.hpp"
#include "profile/spot.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace timectl::profile {

/// One line of text: every other text of a profile goes through here first.
std::optional<std::string> as_text(const Spot& spot);
std::optional<bool> as_truth(const Spot& spot);
std::optional<long long> as_integer(const Spot& spot, long long least, long long most);

/// 8 to 15. A chronyd that follows a pool is at stratum 3 to 5, and what is at the local stratum or
/// beyond it counts as an island.
std::optional<int> as_local_stratum(const Spot& spot);

std::optional<std::string> as_profile_name(const Spot& spot);
std::optional<std::string> as_description(const Spot& spot);
std::optional<std::string> as_role(const Spot& spot);
std::optional<Addressing> as_addressing(const Spot& spot);
std::optional<ClientDaemon> as_client_daemon(const Spot& spot);
std::optional<std::string> as_interface(const Spot& spot);
std::optional<std::string> as_mac(const Spot& spot);
std::optional<std::string> as_chip(const Spot& spot);
/// 0x03 to 0x77, as a number or as hexadecimal text.
std::optional<int> as_i2c_address(const Spot& spot);
/// A host name or an address of another machine, as a time daemon's configuration takes it.
std::optional<std::string> as_time_source(const Spot& spot);
/// A host name; a pool has many addresses and so is none.
std::optional<std::string> as_pool(const Spot& spot);
/// The name of a service that the system does not need.
std::optional<std::string> as_service_unit(const Spot& spot);
/// A list of "NAME=value", each name once; an empty one is fine. NTP_SERVER is timectl's own.
std::optional<Environment> as_environment(const Spot& spot);
/// A normalised path of plain characters, of no directory of the system's.
std::optional<std::string> as_metrics_directory(const Spot& spot);
/// IPv4 that one host can have.
std::optional<IpAddress> as_host_address(const Spot& spot);
/// The same, or the host's own resolver at a loopback address.
std::optional<IpAddress> as_name_server(const Spot& spot);
/// A subnet without host bits.
std::optional<Subnet> as_subnet(const Spot& spot);
/// One that requests can come from; "0.0.0.0/0" and "::/0" are every one.
std::optional<Subnet> as_client_subnet(const Spot& spot);
/// One that a site can live in: IPv4, /8 to /30.
std::optional<Subnet> as_site_subnet(const Spot& spot);
template <int least, int most>
std::optional<int> as_number(const Spot& spot) {
  const auto number = as_integer(spot, least, most);
  return number ? std::optional{static_cast<int>(*number)} : std::nullopt;
}

template <int least, int most>
std::optional<std::chrono::seconds> as_seconds(const Spot& spot) {
  const auto number = as_integer(spot, least, most);
  return number ? std::optional{std::chrono::seconds{*number}} : std::nullopt;
}

/// What `as_item` returns without the optional.
template <auto as_item>
using Item = typename decltype(as_item(std::declval<const Spot&>()))::value_type;

/// A list of different items; the good ones are returned even when others are not.
template <auto as_item>
std::optional<std::vector<Item<as_item>>> as_list(const Spot& spot) {
  if (spot.value.kind != Value::Kind::array) {
    spot.reject("a list");
    return std::nullopt;
  }
  std::vector<Item<as_item>> items;
  for (std::size_t i = 0; i < spot.value.items.size(); ++i) {
    const Spot at = spot.item(i);
    const auto item = as_item(at);
    if (!item) continue;
    if (std::find(items.begin(), items.end(), *item) != items.end()) {
      at.reject(describe(at.value) + " a second time", "it once");
    }
    items.push_back(*item);
  }
  return items;
}

}  // namespace timectl::profile
