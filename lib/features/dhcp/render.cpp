// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "features/dhcp/rows.hpp"
#include "platform/platform.hpp"
#include "target/draft.hpp"

#include <fmt/format.h>

#include <set>

namespace timectl::features {

using system::RootedPath;
using target::Draft;
using target::Model;
using target::ModelList;
using target::ReactionKind;

namespace {

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

void add_dhcp(Draft& draft) {
  if (!draft.host.dhcp) return;
  const auto& dhcp = *draft.host.dhcp;
  const auto servers = draft.profile.servers();
  draft.target.packages.emplace_back(platform::dnsmasq.package);
  Model model;
  model.set("reservations",
            dhcp.reserve_servers ? reservations(draft, servers) : Model{ModelList{}});
  model.set("options", dhcp.advertise_ntp ? options(servers) : Model{ModelList{}});
  // SIGHUP does not read this file again, and a DHCP server that somebody stopped stays stopped.
  draft.add({.path = RootedPath{platform::dns::own_drop_in},
             .why = "tells DHCP clients of the time servers",
             .reactions = {{ReactionKind::try_restart, platform::dnsmasq.unit}}},
            model);
}

}  // namespace

constinit const target::Contribution dhcp_contributions[1] = {{target::Phase::services, add_dhcp}};

}  // namespace timectl::features
