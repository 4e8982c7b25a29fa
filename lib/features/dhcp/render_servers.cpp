// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/dhcp/render_servers.hpp"

#include "base/text.hpp"
#include "facts/dnsmasq.hpp"
#include "platform/network_backends.hpp"
#include "platform/platform.hpp"
#include "profile/networks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

/// Hosts where another program than dnsmasq serves DHCP.
namespace timectl::features {

using facts::DhcpServerKind;
using system::RootedPath;
using target::Draft;
using target::ReactionKind;

namespace {

/// NetworkManager.conf(5), dns: of the dnsmasq that it starts for a shared connection.
constexpr auto shared_drop_in = "/etc/NetworkManager/dnsmasq-shared.d/timectl.conf";

std::string servers_of(const Draft& draft) {
  std::vector<std::string> texts;
  for (const auto& server : profile::servers_of_dhcp(draft.profile, draft.host)) {
    const auto& address = server.address->address;
    if (address.family() == IpAddress::Family::v4) texts.push_back(address.text());
  }
  return join(texts, ",");
}

void add_file(Draft& draft, const char* path, const facts::DhcpServer& server,
              std::vector<target::Reaction> reactions, const target::Model& model) {
  draft.add({.path = RootedPath{path},
             .why = fmt::format("announces the time servers to DHCP clients of {}", server.name),
             .reactions = std::move(reactions),
             .template_path = platform::dns::own_drop_in},
            model);
}

/// What to set in it so that its clients are told of the site's servers: a command, or a line with
/// its place.
std::string how_to_announce(const facts::DhcpServer& server, const std::string& servers) {
  switch (server.kind) {
    case DhcpServerKind::network_manager:
      return fmt::format("nmcli connection up '{}'", server.connection);
    case DhcpServerKind::pihole:
      return server.reads_dnsmasq_files ? fmt::format("systemctl restart {}", server.unit)
                                        : fmt::format(
                                              "pihole-FTL --config misc.dnsmasq_lines "
                                              "'[\"dhcp-option=option:ntp-server,{}\"]'",
                                              servers);
    case DhcpServerKind::kea:
      return fmt::format(
          "in \"Dhcp4\" of {}: \"option-data\": [{{\"name\": \"ntp-servers\", \"data\": \"{}\"}}], "
          "then systemctl restart {}",
          server.where, servers, server.unit);
    case DhcpServerKind::isc:
      return fmt::format(
          "in /etc/dhcp/dhcpd.conf: option ntp-servers {}; then systemctl restart {}", servers,
          server.unit);
    case DhcpServerKind::networkd:
      return fmt::format("in section [DHCPServer] of {}: NTP={}, then networkctl reload",
                         server.where, servers);
    case DhcpServerKind::other:
      break;
  }
  return fmt::format("DHCP option 42 with {}", servers);
}

}  // namespace

void leave_dhcp_to(Draft& draft, const facts::DhcpServer& server, const target::Model& model) {
  draft.note(fmt::format("DHCP on this host is {}'s ({}) and stays there: dnsmasq is not installed",
                         server.name, server.where));
  if (draft.facts.dnsmasq_waits_for_boot) {
    draft.target.conflicts.push_back(
        {fmt::format("{} is enabled, and at the next boot may take the ports of {} ({})",
                     platform::dnsmasq.unit, server.name, server.where),
         draft.facts.is_offline_root
             ? fmt::format("systemctl --root={} disable {}", draft.facts.root,
                           platform::dnsmasq.unit)
             : fmt::format("systemctl disable {}", platform::dnsmasq.unit)});
  }
  const auto servers = servers_of(draft);
  const bool is_pihole = server.kind == DhcpServerKind::pihole && server.reads_dnsmasq_files;
  if (server.kind == DhcpServerKind::network_manager) {
    add_file(draft, shared_drop_in, server, {}, model);
    draft.note(
        fmt::format("{} tells its clients of the time servers once '{}' is activated again: "
                    "at the next boot, or {} (which interrupts it)",
                    server.name, server.connection, how_to_announce(server, servers)));
  } else if (is_pihole) {
    add_file(draft, platform::dns::own_drop_in, server, {{ReactionKind::try_restart, server.unit}},
             model);
  } else if (draft.host.dhcp->advertise_ntp) {
    draft.note(
        fmt::format("timectl does not change {}; to tell its clients of the time servers: {}",
                    server.name, how_to_announce(server, servers)));
  }
}

void refuse_unread_drop_ins(Draft& draft) {
  if (draft.facts.dnsmasq_reads_drop_ins) return;
  draft.target.conflicts.push_back(
      {fmt::format("{} sets no CONFIG_DIR, so that dnsmasq never reads {}", platform::dns::defaults,
                   platform::dns::own_drop_in),
       facts::command_to_read_drop_ins(draft.facts.root)});
}

/// A unit that may be stopped: the host is reached through its network's daemon, and its resolver
/// is what apt needs.
bool can_be_disabled(const std::string& unit) {
  const auto& backends = platform::network_backends;
  return unit.ends_with(".service") && unit != platform::resolver_unit &&
         std::none_of(backends.begin(), backends.end(),
                      [&](const auto& backend) { return unit == backend.unit; });
}

void refuse_foreign_holders(Draft& draft) {
  std::set<std::string> said;
  for (const auto& holder : draft.facts.port_holders) {
    if (holder.port == 123 || !said.insert(holder.in_words()).second) continue;
    draft.target.conflicts.push_back(
        {fmt::format("{}: dnsmasq would not start beside it, or take the port from it at the next "
                     "boot",
                     holder.in_words()),
         fmt::format("set \"dhcp\": false for {} in the profile{}", draft.host.name,
                     can_be_disabled(holder.unit)
                         ? fmt::format(", or systemctl disable --now {}", holder.unit)
                         : std::string{})});
  }
}

}  // namespace timectl::features
