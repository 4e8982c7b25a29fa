// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/networks.hpp"

#include <algorithm>

namespace timectl::profile {

namespace {

bool admits(const Host& server, const SiteAddress& address) {
  const auto& allow = server.serve->allow;
  return std::any_of(allow.begin(), allow.end(),
                     [&](const Subnet& subnet) { return subnet.contains(address.address); });
}

/// Then the list is of networks that timectl does not know, and says nothing of these.
bool admits_none(const Host& server) {
  const auto& own = server.addresses;
  return std::none_of(own.begin(), own.end(),
                      [&](const SiteAddress& each) { return admits(server, each); });
}

/// A part of the network is enough: its clients there may ask.
bool admits_some(const Host& server, const Subnet& network) {
  const auto& allow = server.serve->allow;
  return std::any_of(allow.begin(), allow.end(), [&](const Subnet& subnet) {
    return subnet.contains(network.address) || network.contains(subnet.address);
  });
}

}  // namespace

const SiteNetwork* find_network(const Profile& profile, std::string_view name) {
  for (const auto& network : profile.networks) {
    if (network.name == name) return &network;
  }
  return nullptr;
}

const SiteNetwork& network_of(const Profile& profile, const SiteAddress& address) {
  return *find_network(profile, address.network);
}

Subnet with_prefix(const Profile& profile, const SiteAddress& address) {
  return {address.address, network_of(profile, address).subnet.prefix_length};
}

const IpAddress& main_address(const Host& host) { return host.addresses.front().address; }

bool has_address(const Host& host, const IpAddress& address) {
  const auto& own = host.addresses;
  return std::any_of(own.begin(), own.end(),
                     [&](const SiteAddress& each) { return each.address == address; });
}

const SiteAddress* address_in(const Host& host, std::string_view network) {
  for (const auto& address : host.addresses) {
    if (address.network == network) return &address;
  }
  return nullptr;
}

const SiteAddress* address_for(const Host& host, const Host& asking) {
  const SiteAddress* shared = nullptr;
  for (const auto& own : asking.addresses) {
    const auto* there = address_in(host, own.network);
    if (there == nullptr) continue;
    if (!host.serve || admits(host, *there)) return there;
    if (shared == nullptr) shared = there;
  }
  return shared;
}

std::vector<const SiteAddress*> served_addresses(const Host& server) {
  std::vector<const SiteAddress*> served;
  const bool all = admits_none(server);
  for (const auto& address : server.addresses) {
    if (all || admits(server, address)) served.push_back(&address);
  }
  return served;
}

std::vector<KnownServer> servers_for(const Profile& profile, const Host& asking) {
  std::vector<KnownServer> servers;
  for (const auto* server : profile.servers()) {
    const auto* address = address_for(*server, asking);
    if (server->name != asking.name && address != nullptr) servers.push_back({server, address});
  }
  return servers;
}

std::vector<KnownServer> servers_in(const Profile& profile, std::string_view network) {
  std::vector<KnownServer> servers;
  const auto* there = find_network(profile, network);
  if (there == nullptr) return servers;
  for (const auto* server : profile.servers()) {
    const auto* address = address_in(*server, network);
    const bool is_served = admits_none(*server) || admits_some(*server, there->subnet);
    if (address != nullptr && is_served) servers.push_back({server, address});
  }
  return servers;
}

std::vector<const SiteAddress*> dhcp_addresses(const Host& host) {
  std::vector<const SiteAddress*> found;
  if (!host.dhcp) return found;
  const auto& only = host.dhcp->networks;
  for (const auto& address : host.addresses) {
    const bool is_meant =
        only.empty() || std::find(only.begin(), only.end(), address.network) != only.end();
    if (is_meant) found.push_back(&address);
  }
  return found;
}

std::vector<KnownServer> servers_of_dhcp(const Profile& profile, const Host& host) {
  std::vector<KnownServer> servers;
  for (const auto* server : profile.servers()) {
    for (const auto* own : dhcp_addresses(host)) {
      const auto* address = address_in(*server, own->network);
      if (address != nullptr) servers.push_back({server, address});
    }
  }
  return servers;
}

std::optional<Subnet> subnet_of_leases(const Profile& profile, const KnownServer& server) {
  if (server.host->addresses.size() == 1) return std::nullopt;
  return network_of(profile, *server.address).subnet;
}

const SiteAddress& uplink_of(const Profile& profile, const Host& host) {
  for (const auto& address : host.addresses) {
    const auto& gateway = network_of(profile, address).gateway;
    if (gateway && !has_address(host, *gateway)) return address;
  }
  return host.addresses.front();
}

bool has_static_address(const Host& host) {
  const auto& own = host.addresses;
  return std::any_of(own.begin(), own.end(), [](const SiteAddress& each) {
    return each.addressing == Addressing::static_address;
  });
}

}  // namespace timectl::profile
