// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "backends/network/network_backend.hpp"
#include "backends/network/network_manager_wifi.hpp"
#include "backends/network/shared.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

namespace timectl::backends {

using facts::NetplanDefinition;
using system::RootedPath;

namespace {

/// "match: {}" fits every interface of the type: this one alone where it is the only one.
bool is_only_wireless(const facts::Facts& facts, const std::string& interface) {
  const auto& all = facts.interfaces;
  return is_wireless(facts, interface) &&
         std::none_of(all.begin(), all.end(),
                      [&](const auto& each) { return each.is_wireless && each.name != interface; });
}

std::string mac_of(const facts::Facts& facts, const std::string& interface) {
  for (const auto& each : facts.interfaces) {
    if (each.name == interface) return each.mac;
  }
  return "";
}

bool is_same_mac(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

/// Whether netplan would apply `definition` to `interface`.
bool is_about(const NetplanDefinition& definition, const facts::Facts& facts,
              const std::string& interface) {
  const auto mac = mac_of(facts, interface);
  if (!definition.set_name.empty()) return definition.set_name == interface;
  if (!definition.match_name.empty()) return fits_pattern(interface, definition.match_name);
  if (!definition.match_mac.empty() && !mac.empty()) return is_same_mac(definition.match_mac, mac);
  if (definition.matches_any && definition.type == "wifis") return is_wireless(facts, interface);
  return definition.id == interface;
}

/// The name goes into YAML in quotes.
bool is_plain_id(const std::string& id) { return id.find_first_of("\"\\") == id.npos; }

void refuse_unusable(const Assignment& wanted, const NetplanDefinition& definition) {
  const auto& interface = wanted.interface;
  const auto place = fmt::format("{} line {}", definition.file, definition.line);
  const bool is_pattern =
      definition.match_name.find_first_of("*?[") != std::string::npos ||
      (definition.matches_any && !is_only_wireless(wanted.draft.facts, interface));
  if (is_pattern || !is_plain_id(definition.id)) {
    refuse(wanted,
           fmt::format("{} defines '{}', which is not about {} alone", place, definition.id,
                       interface),
           fmt::format("define {} there by its own name", interface));
  }
  if (definition.address_line == 0) return;
  if (definition.may_go && definition.file.starts_with("/etc/")) {
    return give_way(wanted.draft, definition.file, definition.without,
                    reload(wanted.draft, interface));
  }
  refuse(wanted,
         fmt::format("{} line {} gives '{}' addresses or routes, and netplan would use both",
                     definition.file, definition.address_line, definition.id),
         "remove them there, or let 'timectl provision --take-over' do that, timectl writes its "
         "own; if the address is right already, set \"addressing\" of the host to \"none\"");
}

/// The only one of those about the interface that `is_meant`.
template <typename Meant>
std::optional<NetplanDefinition> find_only(const Assignment& wanted, Meant is_meant) {
  const auto& facts = wanted.draft.facts;
  const auto& interface = wanted.interface;
  std::optional<NetplanDefinition> found;
  for (const auto& each : facts.network.netplan) {
    if (!is_about(each, facts, interface) || !is_meant(each)) continue;
    refuse_unusable(wanted, each);
    if (found && (found->id != each.id || found->type != each.type)) {
      refuse(wanted,
             fmt::format("{} is defined twice: as '{}' in {} and as '{}' in {}", interface,
                         found->id, found->file, each.id, each.file),
             "leave one of them");
    }
    found = each;
  }
  return found;
}

/// The interface's own definition, that ours is laid over. One for any interface, as NetworkManager
/// writes it for each Wi-Fi network that it learns, comes second.
std::optional<NetplanDefinition> find_definition(const Assignment& wanted) {
  const auto is_general = [](const NetplanDefinition& each) { return each.matches_any; };
  auto own = find_only(wanted, std::not_fn(is_general));
  return own ? own : find_only(wanted, is_general);
}

NetplanDefinition new_definition(const std::string& interface) {
  NetplanDefinition definition;
  definition.type = "ethernets";
  definition.id = interface;
  return definition;
}

/// NetworkManager has it from a file of its own, beside those that netplan writes for it in /run.
bool is_left_to_manager(const Assignment& wanted) {
  const auto& facts = wanted.draft.facts;
  const auto& connections = facts.wifi_connections;
  return facts.network.netplan_renderer == "NetworkManager" &&
         std::any_of(connections.begin(), connections.end(),
                     [](const auto& each) { return each.file.starts_with("/etc/"); });
}

/// Two interfaces cannot share a file: both would be the same key of it.
RootedPath own_file(const Assignment& wanted) {
  const RootedPath path{"/etc/netplan/90-timectl.yaml"};
  if (!wanted.draft.has(path)) return path;
  return RootedPath{"/etc/netplan"} / fmt::format("90-timectl-{}.yaml", wanted.interface);
}

void add_netplan(const Assignment& wanted) {
  auto& draft = wanted.draft;
  const auto& interface = wanted.interface;
  const auto& doubts = draft.facts.network.netplan_doubts;
  if (!doubts.empty()) {
    refuse(wanted,
           fmt::format("what netplan has for {} is not known ({})", interface, join(doubts, "; ")),
           "run this as root, or write the definitions a key a line");
  }
  const auto found = find_definition(wanted);
  if (!found && is_wireless(draft.facts, interface)) {
    return is_left_to_manager(wanted) ? add_wifi(wanted) : refuse_wireless(wanted);
  }
  const auto definition = found ? *found : new_definition(interface);
  auto model = address_model(wanted);
  model.set("device_type", definition.type);
  model.set("definition", definition.id);
  draft.add(
      {.path = own_file(wanted),
       .why = why_address,
       .reactions = reload(draft, interface),
       .mode = 0600,
       .template_path =
           "/etc/netplan/90-timectl.yaml"},  // netplan complains of files that others can read
      model);
  note_resolver(wanted);
}

}  // namespace

constinit const NetworkBackend netplan{facts::NetworkBackendName::netplan, add_netplan};

}  // namespace timectl::backends
