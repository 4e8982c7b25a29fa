// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "profile/profile.hpp"

#include <string_view>
#include <vector>

/// Which networks the hosts of a site are in, and by which address one reaches another. Everything
/// that needs an address asks here, so that nothing else assumes that there is one network.
namespace timectl::profile {

/// nullptr: the site has no network of that name.
const SiteNetwork* find_network(const Profile& profile, std::string_view name);
/// The network that an address of a host is in.
const SiteNetwork& network_of(const Profile& profile, const SiteAddress& address);
/// The address with the prefix length of its network: 192.168.4.2/24.
Subnet with_prefix(const Profile& profile, const SiteAddress& address);

/// The first address: messages name the host by it.
const IpAddress& main_address(const Host& host);
bool has_address(const Host& host, const IpAddress& address);
/// nullptr: the host is not in that network.
const SiteAddress* address_in(const Host& host, std::string_view network);
/// The address by which `asking` reaches `host`: in the first of its networks that both are in,
/// one that `host` serves before others. nullptr: they share no network.
const SiteAddress* address_for(const Host& host, const Host& asking);

/// The addresses whose network the server's allow list admits; all where it admits none.
std::vector<const SiteAddress*> served_addresses(const Host& server);

/// A server, by its address in a network of the host that asks.
struct KnownServer {
  const Host* host = nullptr;
  const SiteAddress* address = nullptr;
};

/// The other servers that share a network with `asking`, in the order of the profile. Each is
/// listed once: a time daemon would take two addresses of one server for two clocks.
std::vector<KnownServer> servers_for(const Profile& profile, const Host& asking);
/// The servers that serve a network or a part of it, by their addresses there.
std::vector<KnownServer> servers_in(const Profile& profile, std::string_view network);

/// The addresses of a DHCP server in the networks where it answers.
std::vector<const SiteAddress*> dhcp_addresses(const Host& host);
/// The servers' addresses in those networks, which it reserves.
std::vector<KnownServer> servers_of_dhcp(const Profile& profile, const Host& host);
/// Where a lease under the server's name is of the interface with this address; nullopt: anywhere,
/// the host has no other interface.
std::optional<Subnet> subnet_of_leases(const Profile& profile, const KnownServer& server);

/// The address whose network has the host's default route: the first whose gateway is another
/// host. Without such a gateway it is the first address.
const SiteAddress& uplink_of(const Profile& profile, const Host& host);

bool has_static_address(const Host& host);

}  // namespace timectl::profile
