// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "target/draft.hpp"

#include <fmt/format.h>

#include <set>

namespace timectl::target {

using system::RootedPath;

namespace {

/// FallbackNTP= is never used while NTP= is set: the fallbacks stand in NTP=, behind the servers.
std::string timesyncd_servers(const Draft& draft) {
  std::vector<std::string> servers;
  for (const auto* server : other_servers(draft)) servers.push_back(server->address.text());
  const auto& fallback = draft.host.client->fallback;
  servers.insert(servers.end(), fallback.begin(), fallback.end());
  return join(servers, " ");
}

bool is_v4(const profile::Host& host) { return host.address.family() == IpAddress::Family::v4; }

/// dnsmasq(8): a known card by its address, else whoever calls himself by the host's name.
std::string reservation(const profile::Host& server, const std::optional<std::string>& mac) {
  const auto address =
      is_v4(server) ? server.address.text() : fmt::format("[{}]", server.address.text());
  if (mac) return fmt::format("{},{},{}", *mac, address, server.name);
  return fmt::format("{},{}", server.name, address);
}

/// The card to reserve the server's address for. A router that answers for others (proxy ARP) would
/// give its own for each of them: dnsmasq does not start with one card twice.
std::optional<std::string> card_for(Draft& draft, const profile::Host& server,
                                    std::set<std::string>& taken) {
  const auto known = facts::card_of(draft.facts, server.name, server.address, server.mac);
  if (!known.contradiction.empty()) draft.note(known.contradiction);
  if (!known.mac || !taken.insert(*known.mac).second) return std::nullopt;
  if (!known.newly_found_in.empty()) {
    draft.note(
        fmt::format("{} has the card {} (found in {}): {} is reserved for that card from "
                    "now on",
                    server.name, *known.mac, known.newly_found_in, server.address.text()));
  }
  return known.mac;
}

void add_option(ModelList& options, const std::string& name,
                const std::vector<std::string>& addresses) {
  if (addresses.empty()) return;
  options.push_back(Model{"value", fmt::format("{},{}", name, join(addresses, ","))});
}

Model options(const std::vector<const profile::Host*>& servers) {
  std::vector<std::string> v4, v6;
  for (const auto* server : servers) {
    const auto text = server->address.text();
    is_v4(*server) ? v4.push_back(text) : v6.push_back(fmt::format("[{}]", text));
  }
  ModelList list;
  add_option(list, "option:ntp-server", v4);
  add_option(list, "option6:ntp-server", v6);
  return Model{list};
}

Model reservations(Draft& draft, const std::vector<const profile::Host*>& servers) {
  std::set<std::string> taken;
  // A card that the profile names is that host's, whatever a table of this moment says.
  for (const auto& host : draft.profile.hosts) {
    const bool is_reserved = host.serve.has_value();
    if (host.mac && !is_reserved) taken.insert(*host.mac);
  }
  ModelList list;
  for (const auto* server : servers) {
    list.push_back(Model{"value", reservation(*server, card_for(draft, *server, taken))});
  }
  return Model{list};
}

}  // namespace

void add_timesyncd(Draft& draft) {
  if (!uses_timesyncd(draft.host)) return;
  const auto& client = *draft.host.client;
  draft.target.packages.emplace_back("systemd-timesyncd");
  Model model;
  model.set("servers", timesyncd_servers(draft));
  model.set("poll_min_s", std::to_string(client.poll_min.count()));
  model.set("poll_max_s", std::to_string(client.poll_max.count()));
  model.set("root_distance_max_s", std::to_string(client.root_distance_max.count()));
  // Older ones ignore the key with a warning at each start.
  model.set("saves_often", Model{draft.facts.has_at_least("systemd", 250, 0)});
  draft.add({.path = RootedPath{"/etc/systemd/timesyncd.conf.d/50-timectl.conf"},
             .why = "follows the site's servers, then the fallbacks",
             .reactions = {{ReactionKind::restart, "systemd-timesyncd.service"}}},
            model);
  draft.add_unit("systemd-timesyncd.service", Enablement::enabled, Activity::running,
                 "keeps the clock");
}

void add_dhcp(Draft& draft) {
  if (!draft.host.dhcp) return;
  const auto& dhcp = *draft.host.dhcp;
  const auto servers = draft.profile.servers();
  draft.target.packages.emplace_back("dnsmasq");
  Model model;
  model.set("reservations",
            dhcp.reserve_servers ? reservations(draft, servers) : Model{ModelList{}});
  model.set("options", dhcp.advertise_ntp ? options(servers) : Model{ModelList{}});
  // SIGHUP does not read this file again, and a DHCP server that somebody stopped stays stopped.
  draft.add({.path = RootedPath{"/etc/dnsmasq.d/timectl.conf"},
             .why = "tells DHCP clients of the time servers",
             .reactions = {{ReactionKind::try_restart, "dnsmasq.service"}}},
            model);
}

}  // namespace timectl::target
