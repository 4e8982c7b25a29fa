// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "target/network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace timectl::target {

using facts::InterfaceSetting;
using facts::NetplanDefinition;
using facts::NetworkAuthority;
using system::RootedPath;

namespace {

constexpr auto why = "the address every other host of the site knows";

[[noreturn]] void refuse(const Draft& draft, const std::string& reason, const std::string& hint) {
  throw Error{ErrorKind::refused,
              fmt::format("cannot give host '{}' its address {}: {}", draft.host.name,
                          draft.host.address.text(), reason),
              hint};
}

/// Two authorities, or none, or one that nobody could ask.
[[noreturn]] void refuse_undecided(const Draft& draft) {
  refuse(draft,
         fmt::format("who is in charge of its network is {} ({})",
                     to_string(draft.facts.network.authority),
                     join(draft.facts.network.evidence, "; ")),
         "leave one in charge and disable the others; or configure the address yourself and set "
         "\"addressing\" of the host to \"none\", or to \"reservation\" where a DHCP server "
         "hands it out");
}

std::uint64_t fnv1a(std::string_view text, std::uint64_t hash) {
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3U;
  }
  return hash;
}

/// The same for the same profile and interface on every run, so that a second one finds the first
/// one's connection. Version 8 of RFC 9562 is for such.
std::string connection_uuid(const std::string& profile, const std::string& interface) {
  const auto key = fmt::format("timectl/{}/{}", profile, interface);
  const auto high = fnv1a(key, 0xcbf29ce484222325U);
  const auto low = fnv1a(key, high);
  return fmt::format("{:08x}-{:04x}-8{:03x}-{:04x}-{:012x}", high >> 32U, (high >> 16U) & 0xffffU,
                     high & 0xfffU, 0x8000U | ((low >> 48U) & 0x3fffU), low & 0xffffffffffffU);
}

std::vector<std::string> addresses_of(const std::vector<IpAddress>& addresses,
                                      IpAddress::Family family) {
  std::vector<std::string> texts;
  for (const auto& address : addresses) {
    if (address.family() == family) texts.push_back(address.text());
  }
  return texts;
}

Model address_model(const Draft& draft, const std::string& interface) {
  const auto& network = draft.profile.network;
  const auto family = draft.host.address.family();
  const bool is_v4 = family == IpAddress::Family::v4;
  const auto gateway = network.gateway && network.gateway->family() == family
                           ? network.gateway->text()
                           : std::string{};
  const auto dns = addresses_of(network.dns, family);
  ModelList dns_list;
  for (const auto& server : dns) dns_list.push_back(Model{"value", server});

  Model model;
  model.set("interface", interface);
  model.set("uuid", connection_uuid(draft.profile.name, interface));
  model.set("address", Subnet{draft.host.address, network.subnet.prefix_length}.text());
  model.set("has_gateway", Model{!gateway.empty()});
  model.set("gateway", gateway);
  model.set("has_dns", Model{!dns.empty()});
  model.set("dns", Model{dns_list});
  model.set("dns_words", join(dns, " "));
  model.set("family", is_v4 ? "inet" : "inet6");
  model.set("dhcp_key", is_v4 ? "dhcp4" : "dhcp6");
  model.set("everywhere", is_v4 ? "0.0.0.0/0" : "::/0");
  model.set("address_key", is_v4 ? "ip_address" : "ip6_address");
  // Of IPv6 dhcpcd takes its routers from their advertisements.
  model.set("has_routers", Model{is_v4 && !gateway.empty()});
  model.set("section", is_v4 ? "ipv4" : "ipv6");
  model.set("other_section", is_v4 ? "ipv6" : "ipv4");
  return model;
}

std::vector<Reaction> reload(const std::string& authority, const std::string& subject) {
  return {{ReactionKind::network_reload, authority + ":" + subject}};
}

/// resolved may come later, so networkd is told of them all the same.
void note_resolver(Draft& draft) {
  if (!draft.facts.network.lacks_resolver || draft.profile.network.dns.empty()) return;
  draft.note(
      "systemd-networkd hands name servers to systemd-resolved alone, which is not in use here: "
      "see to /etc/resolv.conf yourself");
}

void add_networkd(Draft& draft, const std::string& interface) {
  draft.add(
      {.path = RootedPath{"/etc/systemd/network"} / fmt::format("10-timectl-{}.network", interface),
       .why = why,
       .reactions = reload("networkd", interface),
       .template_path = "/etc/systemd/network/10-timectl-INTERFACE.network"},
      address_model(draft, interface));
  note_resolver(draft);
}

/// Only a definition that already knows the Wi-Fi network can be given another address.
[[noreturn]] void refuse_wireless(const Draft& draft, const std::string& interface) {
  refuse(draft,
         fmt::format("'{}' is Wi-Fi, and a connection without its network's name and password "
                     "would cut this host off",
                     interface),
         "set \"addressing\" to \"reservation\" and let the DHCP server reserve the address, "
         "or name a wired interface");
}

void add_network_manager(Draft& draft, const std::string& interface) {
  if (is_wireless(draft.facts, interface)) refuse_wireless(draft, interface);
  const auto connection = "timectl-" + interface;
  draft.add(
      {.path =
           RootedPath{"/etc/NetworkManager/system-connections"} / (connection + ".nmconnection"),
       .why = why,
       .reactions = reload("network_manager", connection),
       .mode = 0600,  // NetworkManager ignores a connection that others can read
       .template_path = "/etc/NetworkManager/system-connections/timectl-INTERFACE.nmconnection"},
      address_model(draft, interface));
}

/// What a script wrote goes as a whole (add_take_over), when it is what timectl writes.
bool is_left_by_script(const Draft& draft, const InterfaceSetting& setting) {
  const auto& legacy = draft.facts.legacy;
  return std::any_of(legacy.begin(), legacy.end(), [&](const facts::Leftover& leftover) {
    const auto& lines = leftover.lines;
    return leftover.kind == facts::LeftoverKind::dhcpcd_section && leftover.may_go &&
           leftover.file == setting.file &&
           std::find(lines.begin(), lines.end(), setting.text) != lines.end();
  });
}

/// The file stays somebody else's; the lines stay in it as comments.
void give_way(Draft& draft, const std::string& file, const std::string& without,
              const std::vector<Reaction>& reactions) {
  auto& files = draft.target.files;
  const bool is_known = std::any_of(files.begin(), files.end(), [&](const DesiredFile& other) {
    return other.path.text() == file;
  });
  if (is_known) return;
  files.push_back({.path = RootedPath{file},
                   .kind = FileKind::edited,
                   .content = without,
                   .why = "the address that it gives the interface becomes a comment",
                   .reactions = reactions});
}

/// What is said of the interface elsewhere would be done besides what timectl says.
void handle_other_settings(Draft& draft, const std::string& interface) {
  const auto& owner = draft.facts.network;
  const InterfaceSetting* other = nullptr;
  for (const auto& setting : owner.settings) {
    if (!fits_pattern(interface, setting.interface) || is_left_by_script(draft, setting)) continue;
    if (setting.may_go && !setting.without.empty()) {
      give_way(draft, setting.file, setting.without, reload("ifupdown", interface));
    } else if (other == nullptr) {
      other = &setting;
    }
  }
  if (other == nullptr) return;
  refuse(
      draft,
      fmt::format("{} line {} has '{}', and {} would go by both", other->file, other->line,
                  other->text, to_string(owner.authority)),
      fmt::format("comment it out with what belongs to it, or let 'timectl provision --take-over' "
                  "do that, timectl writes its own; if it gives {} the right address already, "
                  "set \"addressing\" of the host to \"none\"",
                  interface));
}

void add_dhcpcd(Draft& draft, const std::string& interface) {
  handle_other_settings(draft, interface);
  auto model = address_model(draft, interface);
  model.set("asks_no_options", Model{draft.facts.network.asks_no_options});
  draft.add({.path = RootedPath{"/etc/dhcpcd.conf"},
             .why = why,
             .reactions = reload("dhcpcd", interface),
             .kind = FileKind::block},
            model);
}

void note_name_servers(Draft& draft) {
  const auto& packages = draft.facts.packages;
  const bool has_reader = packages.count("resolvconf") != 0 || packages.count("openresolv") != 0;
  if (has_reader || draft.profile.network.dns.empty()) return;
  draft.note(
      "ifupdown has no hand in /etc/resolv.conf without resolvconf or openresolv, and dhcpcd "
      "empties "
      "it when its lease ends: see to its name servers yourself, or no pool can be found by name");
}

void add_ifupdown(Draft& draft, const std::string& interface) {
  if (is_wireless(draft.facts, interface)) refuse_wireless(draft, interface);
  const RootedPath path{"/etc/network/interfaces.d/timectl-" + interface};
  if (!draft.facts.network.sources_file(path)) {
    refuse(draft, fmt::format("/etc/network/interfaces does not read {}", path.text()),
           "add the line 'source /etc/network/interfaces.d/*' to it");
  }
  handle_other_settings(draft, interface);
  draft.add({.path = path,
             .why = why,
             .reactions = reload("ifupdown", interface),
             .template_path = "/etc/network/interfaces.d/timectl-INTERFACE"},
            address_model(draft, interface));
  note_name_servers(draft);
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
bool is_about(const NetplanDefinition& definition, const std::string& interface,
              const std::string& mac) {
  if (!definition.set_name.empty()) return definition.set_name == interface;
  if (!definition.match_name.empty()) return fits_pattern(interface, definition.match_name);
  if (!definition.match_mac.empty() && !mac.empty()) return is_same_mac(definition.match_mac, mac);
  return definition.id == interface;
}

/// The name goes into YAML in quotes.
bool is_plain_id(const std::string& id) { return id.find_first_of("\"\\") == id.npos; }

void refuse_unusable(Draft& draft, const NetplanDefinition& definition,
                     const std::string& interface) {
  const auto place = fmt::format("{} line {}", definition.file, definition.line);
  const bool is_pattern = definition.match_name.find_first_of("*?[") != std::string::npos;
  if (is_pattern || !is_plain_id(definition.id)) {
    refuse(draft,
           fmt::format("{} defines '{}', which is not about {} alone", place, definition.id,
                       interface),
           fmt::format("define {} there by its own name", interface));
  }
  if (definition.address_line == 0) return;
  if (definition.may_go && definition.file.starts_with("/etc/")) {
    return give_way(draft, definition.file, definition.without, reload("netplan", interface));
  }
  refuse(draft,
         fmt::format("{} line {} gives '{}' addresses or routes, and netplan would use both",
                     definition.file, definition.address_line, definition.id),
         "remove them there, or let 'timectl provision --take-over' do that, timectl writes its "
         "own; if the address is right already, set \"addressing\" of the host to \"none\"");
}

/// The definition that ours is laid over: the interface's own one, or a new one.
NetplanDefinition definition_of(Draft& draft, const std::string& interface) {
  const auto mac = mac_of(draft.facts, interface);
  std::optional<NetplanDefinition> found;
  for (const auto& each : draft.facts.network.netplan) {
    if (!is_about(each, interface, mac)) continue;
    refuse_unusable(draft, each, interface);
    if (found && (found->id != each.id || found->type != each.type)) {
      refuse(draft,
             fmt::format("{} is defined twice: as '{}' in {} and as '{}' in {}", interface,
                         found->id, found->file, each.id, each.file),
             "leave one of them");
    }
    found = each;
  }
  if (found) return *found;
  if (is_wireless(draft.facts, interface)) refuse_wireless(draft, interface);
  NetplanDefinition definition;
  definition.type = "ethernets";
  definition.id = interface;
  return definition;
}

void add_netplan(Draft& draft, const std::string& interface) {
  const auto& doubts = draft.facts.network.netplan_doubts;
  if (!doubts.empty()) {
    refuse(draft,
           fmt::format("what netplan has for {} is not known ({})", interface, join(doubts, "; ")),
           "run this as root, or write the definitions a key a line");
  }
  const auto definition = definition_of(draft, interface);
  auto model = address_model(draft, interface);
  model.set("device_type", definition.type);
  model.set("definition", definition.id);
  draft.add({.path = RootedPath{"/etc/netplan/90-timectl.yaml"},
             .why = why,
             .reactions = reload("netplan", interface),
             .mode = 0600},  // netplan complains of files that others can read
            model);
  note_resolver(draft);
}

}  // namespace

void add_static_address(Draft& draft, const std::string& interface) {
  switch (draft.facts.network.authority) {
    case NetworkAuthority::networkd:
      return add_networkd(draft, interface);
    case NetworkAuthority::network_manager:
      return add_network_manager(draft, interface);
    case NetworkAuthority::netplan:
      return add_netplan(draft, interface);
    case NetworkAuthority::dhcpcd:
      return add_dhcpcd(draft, interface);
    case NetworkAuthority::ifupdown:
      return add_ifupdown(draft, interface);
    case NetworkAuthority::unknown:
      break;
  }
  refuse_undecided(draft);
}

}  // namespace timectl::target
