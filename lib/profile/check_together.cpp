// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/check.hpp"
#include "profile/names.hpp"
#include "profile/networks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace timectl::profile {

namespace {

using SiteCheck = void (*)(const Site& site);

/// Calls `meet(earlier, later)` for every two hosts of the site.
template <typename Meet>
void for_each_pair(const Site& site, Meet meet) {
  const auto& hosts = site.profile().hosts;
  for (auto later = hosts.begin(); later != hosts.end(); ++later) {
    for (auto earlier = hosts.begin(); earlier != later; ++earlier) meet(*earlier, *later);
  }
}

void names_differ(const Site& site) {
  for_each_pair(site, [&](const Host& earlier, const Host& later) {
    if (!is_same_name(earlier.name, later.name)) return;
    site.reject(fmt::format("hosts/{}", later.name),
                fmt::format("found the name of {} in other letters, expected another name: names "
                            "ignore case",
                            earlier.name));
  });
}

/// Calls `meet(earlier, its address, later, its address)` for every two addresses of two hosts.
template <typename Meet>
void for_each_pair_of_addresses(const Site& site, Meet meet) {
  for_each_pair(site, [&](const Host& earlier, const Host& later) {
    for (const auto& first : earlier.addresses) {
      for (const auto& second : later.addresses) meet(earlier, first, later, second);
    }
  });
}

void addresses_differ(const Site& site) {
  for_each_pair_of_addresses(site, [&](const Host& earlier, const SiteAddress& first,
                                       const Host& later, const SiteAddress& second) {
    if (first.address != second.address) return;
    const auto path = site.place_of(later, second, "address");
    if (!site.knows(earlier, site.place_of(earlier, first, "address"))) return;
    if (!site.knows(later, path)) return;
    site.reject(later, path,
                fmt::format("found \"{}\", which {} has, expected an address of its own",
                            second.address.text(), earlier.name));
  });
}

/// VLANs on one interface of a host share its MAC address.
void macs_differ(const Site& site) {
  for_each_pair_of_addresses(site, [&](const Host& earlier, const SiteAddress& first,
                                       const Host& later, const SiteAddress& second) {
    if (!second.mac || first.mac != second.mac) return;
    site.reject(later, site.place_of(later, second, "mac"),
                fmt::format("found \"{}\", which {} has, expected one of its own", *second.mac,
                            earlier.name));
  });
}

void strata_are_equal(const Site& site) {
  // chronyd's orphan mode elects one of the servers only among those of the same stratum.
  const auto servers = site.profile().servers();
  for (const Host* server : servers) {
    const int expected = servers.front()->serve->local_stratum;
    if (server->serve->local_stratum == expected) continue;
    site.reject(*server, "serve/local_stratum",
                fmt::format("found {}, expected {} as on {}: the servers of a site share one",
                            server->serve->local_stratum, expected, servers.front()->name));
  }
}

bool has_own_time(const Host& host) { return host.sources || host.rtc || host.gps; }

void require_time_source(const Site& site) {
  const auto servers = site.profile().servers();
  const auto has_time = [](const Host* server) { return has_own_time(*server); };
  if (servers.empty() || std::any_of(servers.begin(), servers.end(), has_time)) return;
  site.reject(*servers.front(), "serve",
              "found servers without sources and without rtc, expected one that has the time");
}

void clients_have_a_server(const Site& site) {
  const auto& hosts = site.profile().hosts;
  // A host whose role is misspelled may be the server.
  const bool all_known = std::all_of(hosts.begin(), hosts.end(),
                                     [&](const Host& host) { return site.knows(host, "role"); });
  if (!all_known || !site.profile().servers().empty()) return;
  for (const Host& host : hosts) {
    if (host.client) {
      site.reject(host, "client", "found a client and no host that serves, expected a server");
    }
    // Only then is there something to advertise; a plain DHCP server is no business of timectl.
    if (host.dhcp) {
      site.reject(host, "dhcp", "found dhcp and no host that serves, expected a server");
    }
  }
}

/// A network without a server is fine for hosts that do not ask, and for those in another one too.
void askers_have_a_server(const Site& site) {
  for (const Host& host : site.profile().hosts) {
    const bool needs_one = host.client || (host.serve && !has_own_time(host));
    if (!needs_one || !site.knows(host, "addresses")) continue;
    if (!servers_for(site.profile(), host).empty()) continue;
    site.reject(host, host.client ? "client" : "serve",
                fmt::format("found no server in the networks of {}, expected one: it has no other "
                            "time",
                            host.name));
  }
}

void dhcp_has_a_server(const Site& site) {
  for (const Host& host : site.profile().hosts) {
    const auto dhcp = dhcp_addresses(host);
    const auto has_server = [&](const SiteAddress* address) {
      return !servers_in(site.profile(), address->network).empty();
    };
    if (dhcp.empty() || std::any_of(dhcp.begin(), dhcp.end(), has_server)) continue;
    site.reject(host, "dhcp",
                "found no server in the networks where it answers, expected one to tell of");
  }
}

void servers_can_be_reached(const Site& site) {
  // An address in no network, or a site without any server, has been reported already.
  if (site.profile().servers().empty() || !site.knows("networks")) return;
  askers_have_a_server(site);
  dhcp_has_a_server(site);
}

bool allows(const Host& server, const IpAddress& address) {
  const auto& allow = server.serve->allow;
  return std::any_of(allow.begin(), allow.end(),
                     [&](const Subnet& subnet) { return subnet.contains(address); });
}

void check_admitted(const Site& site, const Host& server, const Host& other) {
  const bool asks = &other != &server && (other.client || other.serve);
  const auto* asked = asks ? address_for(server, other) : nullptr;
  if (asked == nullptr) return;
  const auto& from = *address_in(other, asked->network);
  if (!site.knows(other, site.place_of(other, from, "address"))) return;
  if (allows(server, from.address)) return;
  site.reject(server, "serve/allow",
              fmt::format("found no subnet with {} ({}), expected one: it asks this server",
                          other.name, from.address.text()));
}

void servers_admit_their_clients(const Site& site) {
  for (const Host* server : site.profile().servers()) {
    if (!site.knows(*server, "serve/allow") || server->serve->allow.empty()) continue;
    for (const Host& other : site.profile().hosts) check_admitted(site, *server, other);
  }
}

/// Why `other` is no source of `host`. A host that timectl neither lets serve nor follow may have a
/// server that it knows nothing of.
std::string_view why_not_listed(const Host& host, const Host& other) {
  if (other.serve) return "is asked without being listed";
  if (&other == &host) return "would follow itself";
  return other.client ? "follows the site's servers and serves no time" : "";
}

void check_not_local(const Site& site, const Host& host, const std::string& list,
                     const std::vector<std::string>& sources) {
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto address = IpAddress::parse(sources[i]);
    for (const Host& other : site.profile().hosts) {
      const bool is_meant =
          address ? has_address(other, *address) : is_same_name(sources[i], other.name);
      if (!is_meant) continue;
      const auto why = why_not_listed(host, other);
      if (why.empty()) continue;
      site.reject(host, fmt::format("{}/{}", list, i),
                  fmt::format("found \"{}\", expected a source outside of the site: {} {}",
                              sources[i], other.name, why));
    }
  }
}

void site_hosts_are_not_listed(const Site& site) {
  // Clients list the site's servers first and servers poll each other by themselves; a second
  // mention would make chronyd refuse the source, or a server follow itself.
  for (const Host& host : site.profile().hosts) {
    if (host.sources && site.knows(host, "sources/servers")) {
      check_not_local(site, host, "sources/servers", host.sources->servers);
    }
    if (host.client && site.knows(host, "client/fallback")) {
      check_not_local(site, host, "client/fallback", host.client->fallback);
    }
  }
}

/// nullptr: another DHCP server answers in that network, or none.
const Host* dhcp_server(const Site& site, const std::string& network) {
  for (const Host& host : site.profile().hosts) {
    for (const auto* address : dhcp_addresses(host)) {
      if (address->network == network) return &host;
    }
  }
  return nullptr;
}

void one_host_answers_dhcp(const Site& site) {
  // Two dnsmasq in one subnet hand out the same range without knowing of each other.
  for (const Host& host : site.profile().hosts) {
    for (const auto* address : dhcp_addresses(host)) {
      const Host* first = dhcp_server(site, address->network);
      if (first == &host) continue;
      site.reject(host, "dhcp",
                  fmt::format("found a second host with dhcp, expected only {}", first->name));
      break;
    }
  }
}

void check_reservation(const Site& site, const Host& host, const SiteAddress& address) {
  // Without a dhcp host the reservation is a matter of some other DHCP server (a router), which
  // timectl does not see. Without a MAC dnsmasq reserves by name: a host may be provisioned
  // before its card is known.
  const Host* dhcp = dhcp_server(site, address.network);
  if (dhcp == nullptr || dhcp == &host) return;
  const bool kept = host.serve && dhcp->dhcp->reserve_servers;
  if (address.addressing != Addressing::reservation || kept) return;
  site.reject(
      host, site.place_of(host, address, "addressing"),
      fmt::format("found \"reservation\", expected \"static\" or \"none\": {} reserves {}",
                  dhcp->name, dhcp->dhcp->reserve_servers ? "addresses of servers only" : "none"));
}

void reservations_are_kept(const Site& site) {
  for (const Host& host : site.profile().hosts) {
    for (const auto& address : host.addresses) check_reservation(site, host, address);
  }
}

constexpr SiteCheck site_checks[] = {
    names_differ,
    addresses_differ,
    macs_differ,
    strata_are_equal,
    require_time_source,
    clients_have_a_server,
    servers_can_be_reached,
    servers_admit_their_clients,
    site_hosts_are_not_listed,
    one_host_answers_dhcp,
    reservations_are_kept,
};

}  // namespace

void check_together(const Site& site) {
  for (const SiteCheck check : site_checks) check(site);
}

}  // namespace timectl::profile
