// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/keys_network.hpp"

#include "profile/kinds.hpp"
#include "profile/tables.hpp"

#include <fmt/format.h>

namespace timectl::profile {

namespace {

constexpr Field<SiteNetwork> network_fields[] = {
    {.key = "subnet",
     .access = holds<&SiteNetwork::subnet, kind::SiteSubnet>,
     .description = "The IPv4 subnet, /8 to /30, without host bits",
     .manual =
         "The IPv4 subnet, /8 to /30, without host bits: \"192.168.4.0/24\".\n"
         "A link-local one (169.254.0.0/16) is refused: hosts choose such addresses by themselves.",
     .presence = Presence::required,
     .question = "This host's address and subnet"},
    {.key = "gateway",
     .access = may_hold<&SiteNetwork::gateway, kind::HostAddress>,
     .description = "The router's address, in the subnet",
     .manual = "The router's address, in the subnet.\n"
               "Default: none.",
     .question = "The router's address, or none"},
    {.key = "dns",
     .access = holds<&SiteNetwork::dns, kind::ListOf<kind::NameServer>>,
     .description = "Addresses of name servers, for hosts with static addressing",
     .manual = "A list of IPv4 addresses of name servers, for hosts with static addressing.\n"
               "A loopback address is the resolver of each host itself; unspecified, multicast, "
               "reserved and broadcast addresses are refused."},
};

constexpr Field<SiteAddress> address_fields[] = {
    {.key = "address",
     .access = holds<&SiteAddress::address, kind::HostAddress>,
     .description = "Its IPv4 address, in the network's subnet",
     .presence = Presence::required},
    {.key = "addressing",
     .access = holds<&SiteAddress::addressing, kind::Addressing>,
     .description = "How the host gets this address",
     .manual = "How the host gets this address, as the key of a host that has one "
               "network.\ntimectl gives a default route and name servers to one address alone: the "
               "first in a network whose gateway is another host."},
    {.key = "interface",
     .access = may_hold<&SiteAddress::interface, kind::Interface>,
     .description = "Its interface in this network",
     .manual = "Its interface in this network; each network needs a different one.\n"
               "A host in several networks needs it where the address is static, and where it "
               "answers DHCP: dnsmasq tells networks apart by the interface."},
    {.key = "mac",
     .access = may_hold<&SiteAddress::mac, kind::Mac>,
     .description = "The MAC address of that interface"},
};

/// Calls `read` with the spot and the name of each member that is not taken away.
template <typename Read>
void for_each_network(const Spot& spot, Read read) {
  if (spot.value.kind == Value::Kind::null) return;
  if (spot.value.kind != Value::Kind::object) {
    return spot.reject("an object, a key for each network");
  }
  if (spot.value.members.size() > most_networks) {
    return spot.reject(fmt::format("{} networks", spot.value.members.size()),
                       fmt::format("at most {}", most_networks));
  }
  bool is_empty = true;
  for (const Member& member : spot.value.members) {
    const Spot at = spot.member(member);
    if (!kind::is_network_name(member.key)) {
      at.mistakes.add(
          member.at, at.pointer,
          fmt::format("found {}, expected {}", in_quotes(member.key), kind::network_name_expected));
    }
    if (member.value.kind == Value::Kind::null) continue;
    is_empty = false;
    read(at, member.key);
  }
  if (is_empty) spot.reject("no network", "at least one");
}

bool is_plain(const SiteAddress& address) {
  return address.addressing == Addressing::none && !address.interface && !address.mac;
}

}  // namespace

constinit const Table<SiteNetwork> network_table{
    .fields = network_fields,
    .title = "network",
    .description = "A network of the site. null takes away one of the extended profile."};
constinit const Table<SiteAddress> address_table{
    .fields = address_fields,
    .title = "addresses",
    .description =
        "The host's address in a network, as text or as an object. null takes away one "
        "of the extended profile."};

void NetworkAccess::read(const Spot& spot, Profile& profile) {
  SiteNetwork network;
  read_object(spot, network_table, network);
  profile.networks.push_back(std::move(network));
}

std::optional<Value> NetworkAccess::write(const Profile& profile) {
  const bool is_only = profile.networks.size() == 1 && profile.networks.front().name.empty();
  if (!is_only) return std::nullopt;
  return write_object(network_table, profile.networks.front());
}

Shape NetworkAccess::shape() { return {Form::object, {}, {object_of(network_table)}}; }

void NetworksAccess::read(const Spot& spot, Profile& profile) {
  for_each_network(spot, [&](const Spot& at, const std::string& name) {
    SiteNetwork network;
    network.name = name;
    read_object(at, network_table, network);
    profile.networks.push_back(std::move(network));
  });
}

std::optional<Value> NetworksAccess::write(const Profile& profile) {
  auto networks = object_value();
  for (const auto& network : profile.networks) {
    if (!network.name.empty()) add(networks, network.name, write_object(network_table, network));
  }
  if (networks.members.empty()) return std::nullopt;
  return networks;
}

Shape NetworksAccess::shape() { return {Form::networks, {}, {object_of(network_table)}}; }

SiteAddress& only_address(Host& host) {
  if (host.addresses.empty()) host.addresses.emplace_back();
  return host.addresses.front();
}

const SiteAddress* only_address(const Host& host) {
  static const SiteAddress defaults;
  if (host.addresses.empty()) return &defaults;
  return host.addresses.front().network.empty() ? &host.addresses.front() : nullptr;
}

void AddressesAccess::read(const Spot& spot, Host& host) {
  for_each_network(spot, [&](const Spot& at, const std::string& name) {
    SiteAddress address;
    address.network = name;
    if (at.value.kind == Value::Kind::object) {
      read_object(at, address_table, address);
    } else if (const auto text = kind::HostAddress::read(at)) {
      address.address = *text;
    }
    host.addresses.push_back(std::move(address));
  });
}

std::optional<Value> AddressesAccess::write(const Host& host) {
  auto addresses = object_value();
  for (const auto& address : host.addresses) {
    if (address.network.empty()) continue;
    add(addresses, address.network,
        is_plain(address) ? kind::HostAddress::write(address.address)
                          : write_object(address_table, address));
  }
  if (addresses.members.empty()) return std::nullopt;
  return addresses;
}

Shape AddressesAccess::shape() {
  return {Form::networks, kind::HostAddress::rule(), {object_of(address_table)}, "address"};
}

}  // namespace timectl::profile
