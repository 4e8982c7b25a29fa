// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "features/dhcp/render_servers.hpp"
#include "features/dhcp/rows.hpp"
#include "platform/platform.hpp"
#include "profile/networks.hpp"
#include "target/draft.hpp"

#include <fmt/format.h>

#include <map>

namespace timectl::features {

using profile::KnownServer;
using system::RootedPath;
using target::Draft;
using target::Model;
using target::ModelList;
using target::ReactionKind;

namespace {

bool is_v4(const profile::SiteAddress& each) {
  return each.address.family() == IpAddress::Family::v4;
}

/// dnsmasq(8): by the MAC address if it is known, else by the name that the client gives.
std::string reservation(const KnownServer& server, const std::optional<std::string>& mac) {
  const auto text = server.address->address.text();
  const auto address = is_v4(*server.address) ? text : fmt::format("[{}]", text);
  if (mac) return fmt::format("{},{},{}", *mac, address, server.host->name);
  return fmt::format("{},{}", server.host->name, address);
}

/// The host of each MAC address. A host may have one in several networks, as VLANs.
using TakenCards = std::map<std::string, const profile::Host*>;

/// The MAC address to reserve the server's address for. A router that answers for others (proxy
/// ARP) would give its own for each of them, and dnsmasq takes one of several addresses for it.
std::optional<std::string> card_for(Draft& draft, const KnownServer& server, TakenCards& taken) {
  const auto& name = server.host->name;
  const auto known = facts::card_of(draft.facts, name, server.address->address, server.address->mac,
                                    profile::subnet_of_leases(draft.profile, server));
  if (!known.contradiction.empty()) draft.note(known.contradiction);
  if (!known.mac) return std::nullopt;
  if (taken.emplace(*known.mac, server.host).first->second != server.host) return std::nullopt;
  if (!known.newly_found_in.empty()) {
    draft.note(
        fmt::format("{} has the MAC address {} (found in {}): {} is reserved for it from now on",
                    name, *known.mac, known.newly_found_in, server.address->address.text()));
  }
  return known.mac;
}

void add_option(ModelList& options, const std::string& name,
                const std::vector<std::string>& addresses) {
  if (addresses.empty()) return;
  options.push_back(Model{"value", fmt::format("{},{}", name, join(addresses, ","))});
}

/// dnsmasq gives a request the name of the interface that it came by as a tag. A host in one
/// network needs none.
std::string tag_of(const profile::Host& dhcp_server, const profile::SiteAddress& own) {
  const bool is_only = dhcp_server.addresses.size() == 1;
  return is_only || !own.interface ? "" : fmt::format("tag:{},", *own.interface);
}

Model options(const Draft& draft) {
  ModelList list;
  for (const auto* own : profile::dhcp_addresses(draft.host)) {
    std::vector<std::string> v4, v6;
    for (const auto& server : profile::servers_in(draft.profile, own->network)) {
      const auto text = server.address->address.text();
      is_v4(*server.address) ? v4.push_back(text) : v6.push_back(fmt::format("[{}]", text));
    }
    const auto tag = tag_of(draft.host, *own);
    add_option(list, tag + "option:ntp-server", v4);
    add_option(list, tag + "option6:ntp-server", v6);
  }
  return Model{list};
}

Model reservations(Draft& draft) {
  TakenCards taken;
  // A card that the profile names is that host's, whatever a table of this moment says.
  for (const auto& host : draft.profile.hosts) {
    for (const auto& address : host.addresses) {
      if (address.mac && !host.serve) taken.emplace(*address.mac, &host);
    }
  }
  ModelList list;
  for (const auto& server : profile::servers_of_dhcp(draft.profile, draft.host)) {
    list.push_back(Model{"value", reservation(server, card_for(draft, server, taken))});
  }
  return Model{list};
}

void add_dhcp(Draft& draft) {
  if (!draft.host.dhcp) return;
  const auto& dhcp = *draft.host.dhcp;
  Model model;
  model.set("reservations", dhcp.reserve_servers ? reservations(draft) : Model{ModelList{}});
  model.set("options", dhcp.advertise_ntp ? options(draft) : Model{ModelList{}});
  model.set("localizes", Model{draft.host.addresses.size() > 1});
  if (const auto* server = draft.facts.dhcp_server_in_charge()) {
    return leave_dhcp_to(draft, *server, model);
  }
  refuse_foreign_holders(draft);
  refuse_unread_drop_ins(draft);
  draft.target.packages.emplace_back(platform::dnsmasq.package);
  draft.claim({target::ClaimKind::udp_port, "67", platform::dnsmasq.package, true,
               platform::dns::own_drop_in});
  // SIGHUP does not read this file again, and a DHCP server that was stopped stays stopped.
  draft.add({.path = RootedPath{platform::dns::own_drop_in},
             .why = "announces the time servers to DHCP clients",
             .reactions = {{ReactionKind::try_restart, platform::dnsmasq.unit}}},
            model);
}

}  // namespace

constinit const target::Contribution dhcp_contributions[1] = {{target::Phase::services, add_dhcp}};

}  // namespace timectl::features
