// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/dhcp/render_servers.hpp"

#include "base/address_kind.hpp"
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

std::vector<std::string> servers_of(const Draft& draft) {
  std::vector<std::string> texts;
  for (const auto& server : profile::servers_of_dhcp(draft.profile, draft.host)) {
    const auto& address = server.address->address;
    if (address.family() == IpAddress::Family::v4) texts.push_back(address.text());
  }
  return texts;
}

void add_file(Draft& draft, const char* path, const facts::DhcpServer& server,
              std::vector<target::Reaction> reactions, const target::Model& model) {
  draft.add({.path = RootedPath{path},
             .why = fmt::format("announces the time servers to DHCP clients of {}", server.name),
             .reactions = std::move(reactions),
             .template_path = platform::dns::own_drop_in},
            model);
}

/// What to set in it so that its clients are told of the site's servers, with its place.
std::string how_to_announce(const facts::DhcpServer& server,
                            const std::vector<std::string>& servers) {
  const auto list = join(servers, ",");
  const bool is_file = server.where.starts_with('/');
  switch (server.kind) {
    case DhcpServerKind::pihole:
      // A command would replace the lines that are there.
      return fmt::format(
          "add \"dhcp-option=option:ntp-server,{}\" to misc.dnsmasq_lines (Settings, All settings, "
          "Miscellaneous)",
          list);
    case DhcpServerKind::kea:
      return fmt::format(
          "in \"Dhcp4\" of {}: \"option-data\": [{{\"name\": \"ntp-servers\", \"data\": \"{}\"}}], "
          "then systemctl restart {}",
          is_file ? server.where : "its configuration", list, server.unit);
    case DhcpServerKind::isc:
      return fmt::format(
          "in /etc/dhcp/dhcpd.conf: option ntp-servers {}; then systemctl restart {}",
          join(servers, ", "), server.unit);
    case DhcpServerKind::networkd:
      return fmt::format("in section [DHCPServer] of {}: NTP={}, then networkctl reload",
                         is_file ? server.where : "its .network file", join(servers, " "));
    case DhcpServerKind::network_manager:
    case DhcpServerKind::other:
      break;
  }
  return fmt::format("DHCP option 42 with {}", list);
}

/// The interface of the host's own address, where there is one alone that is known.
std::string interface_of(const Draft& draft) {
  const auto own = profile::dhcp_addresses(draft.host);
  if (own.size() != 1) return "";
  return own.front()->interface.value_or(draft.facts.default_interface.value_or(""));
}

/// A hotspot beside the site's network is what people have on such a host.
void note_other_interface(Draft& draft, const facts::DhcpServer& server) {
  const auto own = interface_of(draft);
  if (own.empty() || server.interface.empty() || server.interface == own) return;
  draft.note(
      fmt::format("{} serves DHCP on {}, and this host is in the site's network by {}: for a DHCP "
                  "server there, too, set dnsmasq up with interface={}, bind-dynamic and a "
                  "dhcp-range, start it and provision again",
                  server.name, server.interface, own, own));
}

/// A shared connection's dnsmasq reads its files when it is started.
void note_activation(Draft& draft, const facts::DhcpServer& server) {
  const auto command = server.connection.empty()
                           ? std::string{"'nmcli connection up' of it"}
                           : fmt::format("nmcli connection up {}", shell_word(server.connection));
  draft.note(fmt::format(
      "{} tells its clients of the time servers once {} is activated again: at "
      "the next boot, or {} (which interrupts it)",
      server.name,
      server.connection.empty() ? "its shared connection" : fmt::format("'{}'", server.connection),
      command));
}

void refuse_waiting_dnsmasq(Draft& draft, const facts::DhcpServer& server) {
  if (!draft.facts.dnsmasq.waits_for_boot) return;
  draft.target.conflicts.push_back(
      {fmt::format("{} is enabled, and at the next boot may take the ports of {} ({})",
                   platform::dnsmasq.unit, server.name, server.where),
       facts::command_to_disable(platform::dnsmasq.unit, draft.facts.root)});
}

}  // namespace

void leave_dhcp_to(Draft& draft, const facts::DhcpServer& server, const target::Model& model) {
  const bool is_installed = draft.facts.packages.count(platform::dnsmasq.package) != 0;
  draft.note(fmt::format("DHCP on this host is {}'s ({}) and stays there{}", server.name,
                         server.where, is_installed ? "" : ": dnsmasq is not installed"));
  refuse_waiting_dnsmasq(draft, server);
  note_other_interface(draft, server);
  const bool is_pihole = server.kind == DhcpServerKind::pihole && server.reads_dnsmasq_files;
  if (server.kind == DhcpServerKind::network_manager) {
    add_file(draft, platform::dns::shared_drop_in, server, {}, model);
    note_activation(draft, server);
  } else if (is_pihole) {
    add_file(draft, platform::dns::own_drop_in, server, {{ReactionKind::try_restart, server.unit}},
             model);
  } else if (draft.host.dhcp->advertise_ntp) {
    draft.note(
        fmt::format("timectl does not change {}; to tell its clients of the time servers: {}",
                    server.name, how_to_announce(server, servers_of(draft))));
  }
}

void refuse_unread_drop_ins(Draft& draft) {
  if (draft.facts.dnsmasq.reads_drop_ins) return;
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

/// 127.0.0.53 is systemd's resolver's, which dnsmasq does not need.
bool is_elsewhere_on_loopback(const IpAddress& address) {
  return kind_of(address) == AddressKind::loopback && address.family() == IpAddress::Family::v4 &&
         address.text() != "127.0.0.1";
}

/// dnsmasq with bind-interfaces or bind-dynamic takes the port of its interfaces' addresses and of
/// loopback's own alone.
bool is_in_the_way(const Draft& draft, const facts::PortHolder& holder) {
  const auto& dnsmasq = draft.facts.dnsmasq;
  if (holder.port == 123 || (holder.port == 53 && !dnsmasq.serves_dns)) return false;
  if (!dnsmasq.binds_addresses) return true;
  if (kind_of(holder.address) == AddressKind::loopback) {
    return !is_elsewhere_on_loopback(holder.address);
  }
  const auto& own = draft.host.addresses;
  const bool is_own = std::any_of(own.begin(), own.end(),
                                  [&](const auto& each) { return each.address == holder.address; });
  const bool is_any = kind_of(holder.address) == AddressKind::unspecified;
  return !dnsmasq.is_limited || is_any || is_own;
}

/// A line for dnsmasq that has it take single addresses.
std::string way_beside(const Draft& draft, const facts::PortHolder& holder) {
  if (!is_elsewhere_on_loopback(holder.address)) return "";
  const auto directory = shell_word(draft.facts.root + platform::dns::drop_ins);
  return fmt::format(", or mkdir -p {0} && echo bind-dynamic >{0}/bind-dynamic.conf", directory);
}

void refuse_foreign_holders(Draft& draft) {
  std::set<std::string> said;
  for (const auto& holder : draft.facts.port_holders) {
    if (!is_in_the_way(draft, holder) || !said.insert(holder.in_words()).second) continue;
    draft.target.conflicts.push_back(
        {fmt::format("{}: dnsmasq would not start beside it, or take the port from it at the next "
                     "boot",
                     holder.in_words()),
         fmt::format("set \"dhcp\": false for {} in the profile{}{}", draft.host.name,
                     way_beside(draft, holder),
                     can_be_disabled(holder.unit)
                         ? ", or " + facts::command_to_disable(holder.unit, draft.facts.root)
                         : std::string{})});
  }
}

}  // namespace timectl::features
