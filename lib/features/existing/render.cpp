// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/address.hpp"
#include "base/text.hpp"
#include "facts/dnsmasq.hpp"
#include "features/existing/render_chrony.hpp"
#include "features/existing/render_edits.hpp"
#include "features/existing/render_pihole.hpp"
#include "features/existing/render_setters.hpp"
#include "features/existing/render_timesyncd.hpp"
#include "features/existing/rows.hpp"
#include "platform/platform.hpp"
#include "profile/networks.hpp"
#include "target/draft.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

/// What an earlier set-up left in the way of this host's role.
namespace timectl::features {

using facts::ExistingKind;
using facts::ExistingSetting;
using profile::KnownServer;
using system::RootedPath;
using target::DesiredFile;
using target::Draft;
using target::FileKind;
using target::Reaction;
using target::ReactionKind;

namespace {

using Words = std::vector<std::string>;

void remove_file(Draft& draft, const ExistingSetting& setting, const std::string& why,
                 const std::vector<Reaction>& reactions = {}) {
  draft.target.files.push_back({.path = RootedPath{setting.file},
                                .kind = FileKind::absent,
                                .content = {},
                                .why = why,
                                .reactions = reactions});
}

void handle_modules(Draft& draft, const ExistingSetting& setting) {
  if (draft.host.rtc) take_lines(draft, setting, "the overlay loads the RTC's driver by itself");
}

void handle_rtc_service(Draft& draft, const ExistingSetting& setting) {
  if (!draft.host.rtc) return;
  const std::string why =
      "registers the chip under a wrong name, and sets no clock once it is registered";
  if (!setting.may_go) return add_conflict(draft, setting, "it may set the clock from the RTC");
  remove_file(draft, setting, why);
}

/// Other sections are left alone; what would keep this one from working add_address() refuses.
void handle_dhcpcd(Draft& draft, const ExistingSetting& setting) {
  const auto& files = draft.target.files;
  const auto block = std::find_if(files.begin(), files.end(), [&](const DesiredFile& file) {
    return file.path.text() == setting.file;
  });
  if (block == files.end() || !setting.may_go) return;
  const auto lines = lines_of(block->content);
  const bool is_same_interface =
      std::find(lines.begin(), lines.end(), setting.lines.front()) != lines.end();
  if (!is_same_interface) return;
  take_lines(draft, setting, "");
  draft.note(fmt::format(
      "a script wrote {} over the distribution's: timectl's block asks DHCP servers "
      "for name servers and routes again; for the rest of that file move this one away, reinstall "
      "the package with --force-confmiss and provision again",
      setting.file));
}

/// The old script ran nmcli again and again: "eth0-static" stands there more than once.
void handle_connection(Draft& draft, const ExistingSetting& setting) {
  const bool is_manager = draft.facts.network.backend == facts::NetworkBackendName::network_manager;
  if (!is_manager || !profile::has_static_address(draft.host)) return;
  const auto has_own = [&](const std::string& line) {
    const auto& own = draft.host.addresses;
    return std::any_of(own.begin(), own.end(), [&](const profile::SiteAddress& each) {
      return each.addressing == profile::Addressing::static_address &&
             line.find("=" + each.address.text() + "/") != line.npos;
    });
  };
  const bool is_ours = std::any_of(setting.lines.begin(), setting.lines.end(), has_own);
  if (!is_ours && !setting.may_go) return;
  remove_file(draft, setting, "the old script's connection, which timectl's own one replaces",
              {{ReactionKind::network_reload, "network_manager:*"}});
}

bool is_placeholder_or_mac(const std::string& word) {
  return parse_mac(word).has_value() || word.starts_with('<');
}

/// The server whose address a "dhcp-host=" line reserves, or whose name.
std::optional<KnownServer> reserved_for(const Draft& draft, const Words& fields) {
  const auto servers = profile::servers_of_dhcp(draft.profile, draft.host);
  const auto has = [&](const std::string& word) {
    return std::find(fields.begin(), fields.end(), word) != fields.end();
  };
  for (const auto& server : servers) {
    if (has(server.address->address.text())) return server;
  }
  for (const auto& server : servers) {
    if (has(server.host->name)) return server;
  }
  return std::nullopt;
}

/// nullopt: not in the way; else whether it says just what timectl's own file says.
std::optional<bool> judge_reservation(const Draft& draft, const Words& fields) {
  const auto server = reserved_for(draft, fields);
  if (!draft.host.dhcp->reserve_servers || !server) return std::nullopt;
  return std::all_of(fields.begin(), fields.end(), [&](const auto& field) {
    return field == server->address->address.text() || field == server->host->name ||
           is_placeholder_or_mac(field);
  });
}

/// The one with the default route where the profile does not say it; "" where that is not known.
std::string interface_of(const Draft& draft, const profile::SiteAddress& own) {
  const bool is_only = draft.host.addresses.size() == 1;
  return own.interface.value_or(is_only ? draft.facts.default_interface.value_or("") : "");
}

bool is_interface(const Draft& draft, const std::string& tag) {
  const auto& own = draft.host.addresses;
  const auto& there = draft.facts.interfaces;
  return std::any_of(own.begin(), own.end(),
                     [&](const auto& each) { return each.interface == tag; }) ||
         std::any_of(there.begin(), there.end(),
                     [&](const auto& each) { return each.name == tag; });
}

/// The address in the network that a tag of dnsmasq's names: the interface that a request came by.
const profile::SiteAddress* network_named(const Draft& draft, const std::string& tag) {
  for (const auto* own : profile::dhcp_addresses(draft.host)) {
    if (interface_of(draft, *own) == tag) return own;
  }
  return nullptr;
}

/// Whether it is for a network that timectl has no word in.
bool is_of_another_network(const Draft& draft, const facts::NtpServersOption& option) {
  return std::any_of(option.tags.begin(), option.tags.end(), [&](const std::string& tag) {
    return is_interface(draft, tag) && network_named(draft, tag) == nullptr;
  });
}

/// The network whose clients get the option; nullptr: it may be any.
const profile::SiteAddress* network_of(const Draft& draft, const facts::NtpServersOption& option) {
  if (draft.host.addresses.size() == 1) return &draft.host.addresses.front();
  for (const auto& tag : option.tags) {
    if (const auto* own = network_named(draft, tag)) return own;
  }
  return nullptr;
}

bool names_our_servers(const Draft& draft, const facts::NtpServersOption& option) {
  const auto* own = network_of(draft, option);
  if (own == nullptr || option.servers.empty()) return false;
  const auto known = profile::servers_in(draft.profile, own->network);
  return std::all_of(option.servers.begin(), option.servers.end(), [&](const auto& word) {
    // dnsmasq(8): the address of the machine running dnsmasq.
    const auto address = word == "0.0.0.0" ? own->address : IpAddress::parse(word);
    return std::any_of(known.begin(), known.end(),
                       [&](const auto& server) { return server.address->address == address; });
  });
}

std::optional<bool> judge_option(const Draft& draft, const facts::NtpServersOption& option) {
  if (!draft.host.dhcp->advertise_ntp) return std::nullopt;
  if (is_of_another_network(draft, option)) return std::nullopt;
  const bool is_same = names_our_servers(draft, option);
  // It also says it to clients that do not ask, as timectl's own file does not.
  if (is_same && option.is_forced) return std::nullopt;
  return is_same;
}

std::string contradiction_of(const facts::NtpServersOption& option) {
  const auto clients = option.tags.empty()
                           ? "DHCP clients"
                           : fmt::format("DHCP clients with the tag {}", join(option.tags, ", "));
  if (option.servers.empty()) {
    return fmt::format("it takes the time servers of {} from {}", platform::dns::own_drop_in,
                       clients);
  }
  return fmt::format("it tells {} of other time servers than {}", clients,
                     platform::dns::own_drop_in);
}

/// The profile's reservation is by name as long as it has no MAC: a card that was known stays known
/// only there.
void note_card(Draft& draft, const Words& fields) {
  const auto server = reserved_for(draft, fields);
  if (!server || server->address->mac) return;
  for (const auto& field : fields) {
    if (!parse_mac(field)) continue;
    draft.note(fmt::format(
        "{} was reserved for the MAC address {}: \"mac\" of '{}' in the profile keeps that",
        server->address->address.text(), field, server->host->name));
  }
}

/// nullopt: no program of this host reads dnsmasq's files. Otherwise who is to read them again: it
/// may be down because of them, and the site without DHCP and DNS.
std::optional<Reaction> reader_of_dnsmasq(const Draft& draft) {
  const auto* other = draft.facts.dhcp_server_in_charge();
  if (other == nullptr) return Reaction{ReactionKind::restart, platform::dnsmasq.unit};
  if (!other->reads_dnsmasq_files) return std::nullopt;
  return Reaction{ReactionKind::try_restart, other->unit};
}

void handle_dnsmasq(Draft& draft, const ExistingSetting& setting) {
  const auto line = facts::parse_dnsmasq_line(setting.lines.front());
  const auto reader = reader_of_dnsmasq(draft);
  if (!draft.host.dhcp || !line || !reader) return;
  const auto option = facts::ntp_servers_option(*line);
  const auto is_same =
      option ? judge_option(draft, *option) : judge_reservation(draft, line->words);
  if (!is_same) return;
  constexpr auto own_file = platform::dns::own_drop_in;
  if (!*is_same && !setting.may_go) {
    return add_conflict(draft, setting,
                        option ? contradiction_of(*option)
                               : fmt::format("it contradicts {}, and dnsmasq does not start with "
                                             "an address that is reserved twice",
                                             own_file));
  }
  if (!option) note_card(draft, line->words);
  take_lines(draft, setting, fmt::format("stands in {}; twice it stops dnsmasq", own_file),
             {*reader});
}

void handle_hosts(Draft& draft, const ExistingSetting& setting) {
  const auto words = words_of(setting.lines.front().substr(0, setting.lines.front().find('#')));
  if (words.size() < 2) return;
  const auto is_name_of_site = [&](const std::string& name) {
    return std::any_of(draft.profile.hosts.begin(), draft.profile.hosts.end(),
                       [&](const auto& host) { return host.name == name; });
  };
  if (std::none_of(words.begin() + 1, words.end(), is_name_of_site)) return;
  const auto* host = host_at(draft, words.front());
  const bool is_same = host != nullptr && words.size() == 2 && words[1] == host->name;
  const bool is_wrong = host == nullptr;
  if (is_same || (is_wrong && setting.may_go)) return take_lines(draft, setting, "");
  if (is_wrong) add_conflict(draft, setting, "it gives a host of the profile another address");
}

void handle_monitor(Draft& draft, const ExistingSetting& setting) {
  if (!draft.host.monitor) return;
  if (!setting.may_go) {
    return add_conflict(
        draft, setting,
        "it checks the time and restarts the controller, beside timectl-monitor.timer");
  }
  remove_file(draft, setting, "the old monitor, which timectl-monitor.timer replaces");
}

/// They would come after timectl's own, or before, as shells happen to read them.
void handle_alias(Draft& draft, const ExistingSetting& setting) {
  if (setting.may_go) return take_lines(draft, setting, "an old alias of the same name");
  draft.note(fmt::format(
      "{} defines '{}' beside timectl's own, and wins; 'timectl provision --take-over' takes it "
      "out",
      setting.file, setting.lines.front().substr(0, setting.lines.front().find('='))));
}

void handle(Draft& draft, const ExistingSetting& setting) {
  switch (setting.kind) {
    case ExistingKind::rtc_modules:
      return handle_modules(draft, setting);
    case ExistingKind::rtc_service:
      return handle_rtc_service(draft, setting);
    case ExistingKind::chrony_conf:
      return handle_chrony_conf(draft, setting);
    case ExistingKind::chrony_local:
      return handle_chrony_local(draft, setting);
    case ExistingKind::dhcpcd_section:
      return handle_dhcpcd(draft, setting);
    case ExistingKind::network_connection:
      return handle_connection(draft, setting);
    case ExistingKind::dnsmasq_line:
      return handle_dnsmasq(draft, setting);
    case ExistingKind::hosts_line:
      return handle_hosts(draft, setting);
    case ExistingKind::timesyncd_conf:
      return handle_timesyncd(draft, setting);
    case ExistingKind::timesyncd_override:
      return handle_timesyncd_override(draft, setting);
    case ExistingKind::monitor:
      return handle_monitor(draft, setting);
    case ExistingKind::shell_alias:
      return handle_alias(draft, setting);
  }
}

void add_take_over(Draft& draft) {
  refuse_pihole(draft);
  for (const auto& setting : draft.facts.existing) handle(draft, setting);
}

}  // namespace

constinit const target::Contribution existing_contributions[3] = {
    {target::Phase::existing, add_chrony_in_force},
    {target::Phase::existing, add_take_over},
    {target::Phase::existing, note_clock_setters}};

}  // namespace timectl::features
