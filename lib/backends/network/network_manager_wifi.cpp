// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "backends/network/network_manager_wifi.hpp"

#include "backends/network/keyfile_address.hpp"
#include "backends/network/shared.hpp"
#include "base/text.hpp"
#include "facts/keyfile.hpp"
#include "platform/network_backends.hpp"
#include "profile/networks.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::backends {

using facts::WifiConnection;
using system::RootedPath;
using target::FileKind;
using target::ReactionKind;
using target::Sensitivity;

namespace {

using Connections = std::vector<const WifiConnection*>;

constexpr auto leave_it = "set \"addressing\" of the host to \"none\"";

std::string section_of(const Assignment& wanted) {
  return wanted.address.address.family() == IpAddress::Family::v4 ? "ipv4" : "ipv6";
}

std::string in_quotes(const Connections& connections) {
  std::vector<std::string> names;
  for (const auto* each : connections) names.push_back(fmt::format("'{}'", each->id));
  return join(names, ", ");
}

/// nmcli does not know a card in a reader.
std::string command_to_set(const Assignment& wanted, const WifiConnection& connection,
                           const std::string& setting, const std::string& value) {
  const auto& facts = wanted.draft.facts;
  if (facts.is_offline_root) {
    return fmt::format("{}={} below [connection] in {}", setting, value,
                       facts.root + connection.file);
  }
  return fmt::format("nmcli connection modify {} connection.{} {}", shell_quoted(connection.id),
                     setting, value);
}

void refuse_unread(const Assignment& wanted) {
  const auto& unread = wanted.draft.facts.unread_connections;
  if (unread.empty()) return;
  refuse(wanted,
         fmt::format("which Wi-Fi connection '{}' has is not known ({} may only be read by root)",
                     wanted.interface, join(unread, ", ")),
         "run this as root");
}

[[noreturn]] void refuse_idle(const Assignment& wanted, const WifiConnection& connection) {
  refuse(wanted,
         fmt::format("'{}' is Wi-Fi, and its connection '{}' ({}) does not come up by itself at a "
                     "boot",
                     wanted.interface, connection.id, connection.file),
         wanted.draft.facts.is_offline_root
             ? fmt::format("take autoconnect= and permissions= out of {}",
                           wanted.draft.facts.root + connection.file)
             : fmt::format("nmcli connection modify {} connection.autoconnect yes "
                           "connection.permissions ''",
                           shell_quoted(connection.id)));
}

/// Of equal priority NetworkManager takes the one that was used last, which changes.
[[noreturn]] void refuse_equal(const Assignment& wanted, const Connections& first) {
  constexpr int highest = 999;
  const auto priority = first.front()->priority;
  const bool can_rise = priority < highest;
  const auto& changed = can_rise ? *first.front() : *first.back();
  const auto value = fmt::format("{}", can_rise ? priority + 1 : 0);
  refuse(wanted,
         fmt::format("'{}' is Wi-Fi, and NetworkManager may bring up any of {} (all have "
                     "autoconnect-priority {})",
                     wanted.interface, in_quotes(first), priority),
         fmt::format("give that of this site a higher priority than the others; if it is '{}': {}",
                     first.front()->id,
                     command_to_set(wanted, changed, "autoconnect-priority", value)));
}

/// The one that NetworkManager tries first.
const WifiConnection& first_of(const Assignment& wanted, const Connections& automatic) {
  const auto most = (*std::max_element(automatic.begin(), automatic.end(), [](auto* a, auto* b) {
                      return a->priority < b->priority;
                    }))->priority;
  Connections first, others;
  for (const auto* each : automatic) (each->priority == most ? first : others).push_back(each);
  if (first.size() > 1) refuse_equal(wanted, first);
  if (!others.empty()) {
    wanted.draft.note(fmt::format(
        "where '{}' is out of reach, NetworkManager brings up {} instead: there {} does not have "
        "{}",
        first.front()->id, in_quotes(others), wanted.interface, wanted.address.address.text()));
  }
  return *first.front();
}

const WifiConnection& connection_of(const Assignment& wanted) {
  refuse_unread(wanted);
  const auto card = card_of(wanted);
  Connections automatic, idle;
  for (const auto& each : wanted.draft.facts.wifi_connections) {
    if (each.is_for(card)) (each.is_automatic ? automatic : idle).push_back(&each);
  }
  if (!automatic.empty()) return first_of(wanted, automatic);
  if (!idle.empty()) refuse_idle(wanted, *idle.front());
  refuse_wireless(wanted);
}

/// A connection in memory is gone at the next boot, and one of a package comes again with it.
void refuse_elsewhere(const Assignment& wanted, const WifiConnection& connection) {
  if (connection.file.starts_with("/etc/")) return;
  refuse(wanted,
         fmt::format("the Wi-Fi connection '{}' of '{}' is in {}, where no change lasts",
                     connection.id, wanted.interface, connection.file),
         wanted.draft.facts.is_offline_root
             ? fmt::format("move it to {}/etc/NetworkManager/system-connections",
                           wanted.draft.facts.root)
             : fmt::format("'{}' writes it to /etc/NetworkManager/system-connections",
                           command_to_set(wanted, connection, "autoconnect", "yes")));
}

void refuse_shared(const Assignment& wanted, const WifiConnection& connection,
                   const std::string& method) {
  if (method != "shared") return;
  refuse(wanted,
         fmt::format("the Wi-Fi connection '{}' of '{}' is a hotspot (method=shared in {}), whose "
                     "clients would get no address any more",
                     connection.id, wanted.interface, connection.file),
         fmt::format("give it the address as address1={} there, and {}",
                     profile::with_prefix(wanted.draft.profile, wanted.address).text(), leave_it));
}

/// One that it has may move. Of several the others may be in use.
void refuse_loss_of_addresses(const Assignment& wanted, const WifiConnection& connection,
                              const KeyfileAddress& address) {
  const auto others = other_addresses(connection.text, address);
  const bool has_several = count_addresses(connection.text, address.section) > 1;
  if (others.empty() || !has_several || connection.may_go) return;
  refuse(wanted,
         fmt::format("the Wi-Fi connection '{}' of '{}' has other addresses ({}), which would be "
                     "lost",
                     connection.id, wanted.interface, join(others, ", ")),
         fmt::format("remove them in {}, or let 'timectl provision --take-over' do that; or {}",
                     connection.file, leave_it));
}

/// NetworkManager drops the gateway of a connection that is never to have the default route.
KeyfileAddress address_for(const Assignment& wanted, const WifiConnection& connection) {
  KeyfileAddress address{.section = section_of(wanted),
                         .address = profile::with_prefix(wanted.draft.profile, wanted.address)};
  for (const auto& each : name_servers_of(wanted)) {
    if (each.family() == wanted.address.address.family()) address.dns.push_back(each);
  }
  const auto settings = facts::read_keyfile(connection.text);
  const auto gateway = gateway_of(wanted);
  const bool is_never_default =
      facts::is_yes(facts::value_in(settings, address.section, "never-default"));
  if (gateway && is_never_default) {
    wanted.draft.note(fmt::format("{} gets no default route: '{}' has never-default in {}",
                                  wanted.interface, connection.id, connection.file));
  } else {
    address.gateway = gateway;
  }
  return address;
}

/// As the diff of a secret file is not shown.
std::string reason_for(const WifiConnection& connection, const KeyfileAddress& address) {
  const auto others = other_addresses(connection.text, address);
  return fmt::format("{}: {} in [{}] of '{}'{}; its network and password stay", why_address,
                     join(keyfile_lines(address), ", "), address.section, connection.id,
                     others.empty() ? "" : ", instead of " + join(others, ", "));
}

/// As HostControl knows it, for netplan's hosts too.
std::string subject_of(const Assignment& wanted, const WifiConnection& connection) {
  const auto& manager = platform::network_backend(platform::NetworkBackendName::network_manager);
  return fmt::format("{}:{}@{}", manager.key, connection.uuid, wanted.interface);
}

}  // namespace

void add_wifi(const Assignment& wanted) {
  auto& draft = wanted.draft;
  const auto& connection = connection_of(wanted);
  const RootedPath path{connection.file};
  if (draft.has(path)) {
    refuse(wanted,
           fmt::format("another interface has the Wi-Fi connection '{}' already", connection.id),
           fmt::format("make one more for {}, and give each its interface-name", wanted.interface));
  }
  refuse_elsewhere(wanted, connection);
  const auto address = address_for(wanted, connection);
  const auto settings = facts::read_keyfile(connection.text);
  refuse_shared(wanted, connection, facts::value_in(settings, address.section, "method"));
  refuse_loss_of_addresses(wanted, connection, address);
  draft.target.files.push_back(
      {.path = path,
       .kind = FileKind::edited,
       .content = with_address(connection.text, address),
       .mode = 0600,
       .why = reason_for(connection, address),
       .reactions = {{ReactionKind::network_reload, subject_of(wanted, connection)}},
       .sensitivity = Sensitivity::secret});
}

namespace {

/// The connections of the interface that ask no DHCP server.
Connections manual_ones(const Assignment& wanted) {
  const auto card = card_of(wanted);
  Connections found;
  for (const auto& each : wanted.draft.facts.wifi_connections) {
    const auto settings = facts::read_keyfile(each.text);
    const auto method = facts::value_in(settings, section_of(wanted), "method");
    if (method == "manual" && each.is_automatic && each.is_for(card)) found.push_back(&each);
  }
  return found;
}

std::string how_to_ask_dhcp(const Assignment& wanted, const WifiConnection& connection) {
  const std::string section = section_of(wanted);
  const auto& facts = wanted.draft.facts;
  if (facts.is_offline_root) {
    return fmt::format("set method=auto in [{}] of {}{}, and take its address, gateway and dns out",
                       section, facts.root, connection.file);
  }
  return fmt::format(
      "nmcli connection modify {0} {1}.method auto {1}.gateway \"\" {1}.addresses \"\" {1}.dns "
      "\"\"",
      shell_quoted(connection.id), section);
}

}  // namespace

void note_left_wifi(const Assignment& wanted) {
  const auto& draft = wanted.draft;
  const KeyfileAddress address{.section = section_of(wanted),
                               .address = profile::with_prefix(draft.profile, wanted.address)};
  for (const auto* each : manual_ones(wanted)) {
    const bool is_alone = count_addresses(each->text, address.section) == 1;
    const bool is_own = is_alone && other_addresses(each->text, address).empty();
    if (!is_own || !draft.facts.changed_once.contains(each->file)) continue;
    wanted.draft.note(fmt::format(
        "the Wi-Fi connection '{}' keeps {}, which timectl once wrote to {}: the profile leaves "
        "that address to others now. {} has it ask a DHCP server again",
        each->id, address.address.text(), each->file, how_to_ask_dhcp(wanted, *each)));
  }
}

void note_manual_wifi(const Assignment& wanted) {
  const std::string section = section_of(wanted);
  for (const auto* connection : manual_ones(wanted)) {
    const auto& each = *connection;
    wanted.draft.note(fmt::format(
        "the Wi-Fi connection '{0}' asks no DHCP server (method=manual in {1}): 'nmcli connection "
        "modify {2} {3}.method auto {3}.gateway \"\" {3}.addresses \"\"' changes that",
        each.id, each.file, shell_quoted(each.id), section));
  }
}

}  // namespace timectl::backends
