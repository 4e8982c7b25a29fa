// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "backends/network/shared.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "platform/network_backends.hpp"
#include "profile/networks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace timectl::backends {

using facts::InterfaceSetting;
using system::RootedPath;
using target::DesiredFile;
using target::Draft;
using target::FileKind;
using target::Model;
using target::ModelList;
using target::Reaction;
using target::ReactionKind;

namespace {

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

/// Two default routes would lead packets by either, as it happens.
bool is_uplink(const Assignment& wanted) {
  const auto& draft = wanted.draft;
  return profile::uplink_of(draft.profile, draft.host).network == wanted.address.network;
}

/// What a script wrote goes as a whole (add_take_over), when it is what timectl writes.
bool is_left_by_script(const Draft& draft, const InterfaceSetting& setting) {
  const auto& existing = draft.facts.existing;
  return std::any_of(existing.begin(), existing.end(), [&](const facts::ExistingSetting& found) {
    const auto& lines = found.lines;
    return found.kind == facts::ExistingKind::dhcpcd_section && found.may_go &&
           found.file == setting.file &&
           std::find(lines.begin(), lines.end(), setting.text) != lines.end();
  });
}

}  // namespace

void refuse(const Assignment& wanted, const std::string& reason, const std::string& hint) {
  throw Error{ErrorKind::refused,
              fmt::format("cannot give host '{}' its address {}: {}", wanted.draft.host.name,
                          wanted.address.address.text(), reason),
              hint};
}

system::Interface card_of(const Assignment& wanted) {
  for (const auto& each : wanted.draft.facts.interfaces) {
    if (each.name == wanted.interface) return each;
  }
  return {.name = wanted.interface};
}

bool is_wireless(const facts::Facts& facts, const std::string& interface) {
  const auto known = std::find_if(facts.interfaces.begin(), facts.interfaces.end(),
                                  [&](const auto& each) { return each.name == interface; });
  return known != facts.interfaces.end() ? known->is_wireless : interface.starts_with("wl");
}

const std::vector<IpAddress>& name_servers_of(const Assignment& wanted) {
  static const std::vector<IpAddress> none;
  return is_uplink(wanted) ? profile::network_of(wanted.draft.profile, wanted.address).dns : none;
}

std::optional<IpAddress> gateway_of(const Assignment& wanted) {
  const auto& gateway = profile::network_of(wanted.draft.profile, wanted.address).gateway;
  const bool is_meant = gateway && gateway->family() == wanted.address.address.family() &&
                        *gateway != wanted.address.address;
  return is_meant && is_uplink(wanted) ? gateway : std::nullopt;
}

Model address_model(const Assignment& wanted) {
  const auto& [draft, address, interface] = wanted;
  const auto family = address.address.family();
  const bool is_v4 = family == IpAddress::Family::v4;
  const auto gateway = gateway_of(wanted);
  const auto dns = addresses_of(name_servers_of(wanted), family);
  ModelList dns_list;
  for (const auto& server : dns) dns_list.push_back(Model{"value", server});

  Model model;
  model.set("interface", interface);
  model.set("uuid", connection_uuid(draft.profile.name, interface));
  model.set("address", profile::with_prefix(draft.profile, address).text());
  model.set("has_gateway", Model{gateway.has_value()});
  model.set("gateway", gateway ? gateway->text() : "");
  model.set("has_dns", Model{!dns.empty()});
  model.set("dns", Model{dns_list});
  model.set("dns_words", join(dns, " "));
  model.set("family", is_v4 ? "inet" : "inet6");
  model.set("dhcp_key", is_v4 ? "dhcp4" : "dhcp6");
  model.set("everywhere", is_v4 ? "0.0.0.0/0" : "::/0");
  model.set("address_key", is_v4 ? "ip_address" : "ip6_address");
  // Of IPv6 dhcpcd takes its routers from their advertisements.
  model.set("has_routers", Model{is_v4 && gateway.has_value()});
  model.set("section", is_v4 ? "ipv4" : "ipv6");
  model.set("other_section", is_v4 ? "ipv6" : "ipv4");
  return model;
}

std::vector<Reaction> reload(const Draft& draft, const std::string& subject) {
  const auto& backend = platform::network_backend(draft.facts.network.backend);
  return {{ReactionKind::network_reload, fmt::format("{}:{}", backend.key, subject)}};
}

/// resolved may come later, so networkd gets them all the same.
void note_resolver(const Assignment& wanted) {
  if (!wanted.draft.facts.network.lacks_resolver || name_servers_of(wanted).empty()) return;
  wanted.draft.note(
      "systemd-networkd hands name servers to systemd-resolved alone, which is not in use here: "
      "see to /etc/resolv.conf yourself");
}

void refuse_wireless(const Assignment& wanted) {
  refuse(wanted,
         fmt::format("'{}' is Wi-Fi, and a connection without its network's name and password "
                     "would cut this host off",
                     wanted.interface),
         "set \"addressing\" to \"reservation\" and let the DHCP server reserve the address, "
         "or name a wired interface");
}

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

/// A password that everybody may read in /etc/network/interfaces goes nowhere else.
std::string way_to_keep(const Assignment& wanted, const InterfaceSetting& setting) {
  const bool is_wifi = setting.more.starts_with("wpa") || setting.more.starts_with("wireless");
  if (is_wifi) {
    return "put the network and its password into /etc/wpa_supplicant/wpa_supplicant.conf "
           "(wpa_passphrase prints the lines), and 'wpa-conf "
           "/etc/wpa_supplicant/wpa_supplicant.conf' into the stanza in place of such options";
  }
  return fmt::format(
      "set \"addressing\" of the host to \"none\", give {} its address in {}, and "
      "add there what else it needs",
      wanted.interface, setting.file);
}

/// A bridge without its ports, or a route that is gone, cuts the host off.
void refuse_loss(const Assignment& wanted, const InterfaceSetting& setting) {
  refuse(wanted,
         fmt::format("{} has '{}' in the stanza of {}, which would be lost with the address",
                     setting.file, setting.more, wanted.interface),
         way_to_keep(wanted, setting));
}

/// What timectl's own stanza needs of this one goes with it only where timectl takes it over.
std::string way_to_give_way(const InterfaceSetting& other) {
  if (other.carried.empty()) {
    return "comment it out with what belongs to it, or let 'timectl provision --take-over' do "
           "that, timectl writes its own";
  }
  return fmt::format(
      "let 'timectl provision --take-over' comment it out, timectl writes its own "
      "with '{}'",
      join(other.carried, "', '"));
}

void handle_other_settings(const Assignment& wanted) {
  auto& draft = wanted.draft;
  const auto& interface = wanted.interface;
  const auto& owner = draft.facts.network;
  const InterfaceSetting* other = nullptr;
  for (const auto& setting : owner.settings) {
    if (!fits_pattern(interface, setting.interface) || is_left_by_script(draft, setting)) continue;
    if (!setting.more.empty()) {
      refuse_loss(wanted, setting);
    } else if (setting.may_go && !setting.without.empty()) {
      give_way(draft, setting.file, setting.without, reload(draft, interface));
    } else if (other == nullptr) {
      other = &setting;
    }
  }
  if (other == nullptr) return;
  refuse(
      wanted,
      fmt::format("{} line {} has '{}', and {} would use both", other->file, other->line,
                  other->text, to_string(owner.backend)),
      fmt::format("{}; if it gives {} the right address already, set \"addressing\" of the host to "
                  "\"none\"",
                  way_to_give_way(*other), interface));
}

}  // namespace timectl::backends
