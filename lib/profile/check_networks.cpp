// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "profile/check.hpp"
#include "profile/networks.hpp"
#include "profile/spot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace timectl::profile {

namespace {

/// The first or the last address of the subnet: its own name and its broadcast address.
bool names_the_subnet(const Subnet& subnet, const IpAddress& address) {
  const auto& bytes = address.bytes();
  unsigned host_bits = 0;
  for (std::size_t i = 0; i < 4; ++i) host_bits = (host_bits << 8U) | bytes[i];
  const unsigned mask = 0xffffffffU >> static_cast<unsigned>(subnet.prefix_length);
  return (host_bits & mask) == 0 || (host_bits & mask) == mask;
}

std::string wrong_place(const Subnet& subnet, const IpAddress& address) {
  if (subnet.contains(address)) return no_host_of(subnet, address);
  return fmt::format("found \"{}\", expected an address in {}", address.text(), subnet.text());
}

bool knows_subnet(const Site& site, const SiteNetwork& network) {
  return site.knows(Site::place_of(network, "subnet"));
}

void check_gateway(const Site& site, const SiteNetwork& network) {
  const auto path = Site::place_of(network, "gateway");
  if (!knows_subnet(site, network) || !site.knows(path)) return;
  const auto wrong = wrong_place(network.subnet, *network.gateway);
  if (!wrong.empty()) site.reject(path, wrong);
}

void check_name_servers(const Site& site, const SiteNetwork& network) {
  const auto path = Site::place_of(network, "dns");
  if (!site.knows(path)) return;
  const auto loopback = Subnet::parse("127.0.0.0/8").value();
  for (std::size_t i = 0; i < network.dns.size(); ++i) {
    auto wrong = no_host_of(loopback, network.dns[i]);
    if (knows_subnet(site, network)) wrong += no_host_of(network.subnet, network.dns[i]);
    if (!wrong.empty()) site.reject(fmt::format("{}/{}", path, i), wrong);
  }
}

/// In the part that both have a client would not know which of them an address is in.
void check_overlap(const Site& site, const SiteNetwork& network) {
  if (!knows_subnet(site, network)) return;
  for (const auto& earlier : site.profile().networks) {
    if (&earlier == &network) return;
    const bool overlap = earlier.subnet.contains(network.subnet.address) ||
                         network.subnet.contains(earlier.subnet.address);
    if (!overlap || !knows_subnet(site, earlier)) continue;
    site.reject(Site::place_of(network, "subnet"),
                fmt::format("found \"{}\", which overlaps with {} of {}, expected a subnet of its "
                            "own",
                            network.subnet.text(), earlier.subnet.text(), earlier.name));
  }
}

std::vector<std::string> names_of(const std::vector<SiteNetwork>& networks) {
  std::vector<std::string> names;
  for (const auto& network : networks) names.push_back(network.name);
  return names;
}

/// A site with `network` and hosts with `addresses`, or the other way round, and both of either.
void check_forms(const Site& site, const Host& host) {
  if (site.knows(host, "addresses")) {
    for (const auto* key : {"address", "addressing", "interface", "mac"}) {
      if (!site.knows(host, key)) continue;
      site.reject(host, key, "found it beside \"addresses\", expected it in there");
    }
    if (site.knows("network")) {
      site.reject(host, "addresses",
                  "found names of networks, expected \"address\": the site has \"network\", "
                  "without a name");
    }
  } else if (site.knows(host, "address") && site.knows("networks")) {
    site.reject(host, "address",
                "found an address without a network, expected \"addresses\": the site has "
                "\"networks\"");
  }
}

void check_place(const Site& site, const Host& host, const SiteAddress& address) {
  const auto path = site.place_of(host, address, "address");
  const auto* network = find_network(site.profile(), address.network);
  if (network == nullptr) {
    // The wrong form on either side has been said already.
    if (address.network.empty() || !site.knows("networks")) return;
    const auto names = names_of(site.profile().networks);
    return site.reject(
        host, "addresses/" + address.network,
        fmt::format("found the network \"{}\", expected one of {}{}", address.network,
                    join(names, ", "), suggestion(address.network, names)));
  }
  if (!knows_subnet(site, *network) || !site.knows(host, path)) return;
  const auto wrong = wrong_place(network->subnet, address.address);
  if (!wrong.empty()) site.reject(host, path, wrong);
}

void check_own_gateway(const Site& site, const Host& host, const SiteAddress& address) {
  // Its default route would lead to itself. The gateway's own address is left as it was set; a host
  // in several networks gets its default route from another one.
  const auto path = site.place_of(host, address, "addressing");
  const auto* network = find_network(site.profile(), address.network);
  const bool own = network != nullptr && network->gateway == address.address;
  const bool is_only = host.addresses.size() == 1;
  if (!own || !is_only || address.addressing != Addressing::static_address) return;
  if (!site.knows(host, path)) return;
  site.reject(host, path, "found \"static\" for the site's gateway, expected \"none\"");
}

bool answers_dhcp(const Host& host, const SiteAddress& address) {
  const auto all = dhcp_addresses(host);
  return std::find(all.begin(), all.end(), &address) != all.end();
}

/// The default is the interface with the default route, which one address alone can have.
void check_interface(const Site& site, const Host& host, const SiteAddress& address) {
  if (host.addresses.size() < 2) return;
  const auto place = "addresses/" + address.network;
  if (!address.interface) {
    const bool is_static = address.addressing == Addressing::static_address;
    if (!is_static && !answers_dhcp(host, address)) return;
    return site.reject(host, place,
                       fmt::format("found no \"interface\", expected it: the host is in several "
                                   "networks, and {}",
                                   is_static ? "this address is static"
                                             : "dnsmasq tells them apart by the interface"));
  }
  for (const auto& earlier : host.addresses) {
    if (&earlier == &address) return;
    if (earlier.interface != address.interface) continue;
    site.reject(host, place + "/interface",
                fmt::format("found \"{}\", which {} has, expected another interface",
                            *address.interface, earlier.network));
  }
}

void check_reservation_of_dhcp(const Site& site, const Host& host, const SiteAddress& address) {
  if (address.addressing != Addressing::reservation || !answers_dhcp(host, address)) return;
  site.reject(host, site.place_of(host, address, "addressing"),
              "found \"reservation\" for the DHCP server itself, expected \"static\" or \"none\"");
}

using AddressCheck = void (*)(const Site& site, const Host& host, const SiteAddress& address);

constexpr AddressCheck address_checks[] = {check_place, check_own_gateway, check_interface,
                                           check_reservation_of_dhcp};

void check_networks_of_dhcp(const Site& site, const Host& host) {
  if (!host.dhcp) return;
  if (site.has_empty_list(host, "dhcp/networks")) {
    site.reject(host, "dhcp/networks",
                "found an empty list, expected one network at least; all networks: leave it out");
  }
  for (std::size_t i = 0; i < host.dhcp->networks.size(); ++i) {
    const auto& name = host.dhcp->networks[i];
    if (address_in(host, name) != nullptr) continue;
    site.reject(
        host, fmt::format("dhcp/networks/{}", i),
        fmt::format("found \"{}\", expected a network that {} has an address in", name, host.name));
  }
}

}  // namespace

std::string no_host_of(const Subnet& subnet, const IpAddress& address) {
  if (!subnet.contains(address) || !names_the_subnet(subnet, address)) return {};
  return fmt::format(
      "found \"{}\", expected the address of a host: the first and the last of {} "
      "are the subnet's own and its broadcast address",
      address.text(), subnet.text());
}

void check_networks(const Site& site) {
  if (site.knows("network") && site.knows("networks")) {
    site.reject("networks", "found it beside \"network\", expected one of them");
  }
  for (const auto& network : site.profile().networks) {
    check_gateway(site, network);
    check_name_servers(site, network);
    check_overlap(site, network);
  }
  for (const Host& host : site.profile().hosts) {
    check_forms(site, host);
    check_networks_of_dhcp(site, host);
    for (const auto& address : host.addresses) {
      for (const AddressCheck check : address_checks) check(site, host, address);
    }
  }
}

}  // namespace timectl::profile
