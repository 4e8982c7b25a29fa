// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "render/draft.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace timectl::render {

using facts::NetworkAuthority;
using system::RootedPath;

namespace {

std::optional<std::string> wanted_interface(const Draft& draft) {
  return draft.host.interface ? draft.host.interface : draft.facts.default_interface;
}

/// The name becomes part of a path and of a section's title.
bool is_interface_name(const std::string& name) {
  return !name.empty() && name.size() < 16 && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

std::string require_interface(const Draft& draft) {
  const auto interface = wanted_interface(draft);
  if (!interface) {
    throw Error{ErrorKind::refused,
                fmt::format("cannot give host '{}' its address {}: it has no default route, and no "
                            "interface is named",
                            draft.host.name, draft.host.address.text()),
                "set \"interface\" of the host in the profile"};
  }
  if (!is_interface_name(*interface)) {
    throw Error{
        ErrorKind::profile,
        fmt::format("cannot configure interface '{}': no such name is possible", *interface)};
  }
  return *interface;
}

/// A card in a reader has no interfaces to ask: then the name has to do (wlan0, wlp2s0, wlx…).
bool is_wireless(const facts::Facts& facts, const std::string& interface) {
  const auto known = std::find_if(facts.interfaces.begin(), facts.interfaces.end(),
                                  [&](const auto& each) { return each.name == interface; });
  return known != facts.interfaces.end() ? known->is_wireless : interface.starts_with("wl");
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
  model.set("section", is_v4 ? "ipv4" : "ipv6");
  model.set("other_section", is_v4 ? "ipv6" : "ipv4");
  return model;
}

void add_networkd(Draft& draft, const std::string& interface) {
  draft.add(
      {.path = RootedPath{"/etc/systemd/network"} / fmt::format("10-timectl-{}.network", interface),
       .why = "the address every other host of the site knows",
       .reactions = {{ReactionKind::network_reload, "networkd:" + interface}},
       .template_path = "/etc/systemd/network/10-timectl-INTERFACE.network"},
      address_model(draft, interface));
}

void add_network_manager(Draft& draft, const std::string& interface) {
  if (is_wireless(draft.facts, interface)) {
    throw Error{
        ErrorKind::refused,
        fmt::format("cannot give '{}' a static address: it is Wi-Fi, and a connection "
                    "without its network's name and password would cut this host off",
                    interface),
        "set \"addressing\" to \"reservation\" and let the DHCP server reserve the address, "
        "or name a wired interface"};
  }
  const auto connection = "timectl-" + interface;
  draft.add(
      {.path =
           RootedPath{"/etc/NetworkManager/system-connections"} / (connection + ".nmconnection"),
       .why = "the address every other host of the site knows",
       .reactions = {{ReactionKind::network_reload, "network_manager:" + connection}},
       .mode = 0600,  // NetworkManager ignores a connection that others can read
       .template_path = "/etc/NetworkManager/system-connections/timectl-INTERFACE.nmconnection"},
      address_model(draft, interface));
}

[[noreturn]] void refuse(const Draft& draft) {
  const auto& owner = draft.facts.network;
  throw Error{ErrorKind::refused,
              fmt::format("cannot give host '{}' its address {}: its network belongs to {} ({}), "
                          "and timectl writes for systemd-networkd and NetworkManager",
                          draft.host.name, draft.host.address.text(), to_string(owner.authority),
                          join(owner.evidence, "; ")),
              "configure the address there and set \"addressing\" of the host to \"none\", or to "
              "\"reservation\" where a DHCP server hands it out"};
}

/// Power save wakes the radio every tenth of a second, and answers wait that long.
void add_wifi_power(Draft& draft) {
  const auto interface = wanted_interface(draft);
  if (!draft.host.serve || !interface || !is_interface_name(*interface)) return;
  if (!is_wireless(draft.facts, *interface)) return;
  if (draft.facts.network.authority != NetworkAuthority::network_manager) {
    draft.note(
        fmt::format("{} is Wi-Fi: switch its power save off, it delays answers by up to "
                    "100 ms",
                    *interface));
    return;
  }
  // Nothing is restarted for it: that would cut the host off for a moment.
  draft.add({.path = RootedPath{"/etc/NetworkManager/conf.d/50-timectl-wifi.conf"},
             .why = "keeps Wi-Fi power save from delaying answers"},
            Model{"interface", *interface});
  draft.note(
      fmt::format("Wi-Fi power save of {} goes off when its connection next comes up", *interface));
}

}  // namespace

void add_address(Draft& draft) {
  add_wifi_power(draft);
  if (draft.host.addressing != profile::Addressing::static_address) return;
  switch (draft.facts.network.authority) {
    case NetworkAuthority::networkd:
      return add_networkd(draft, require_interface(draft));
    case NetworkAuthority::network_manager:
      return add_network_manager(draft, require_interface(draft));
    default:
      refuse(draft);
  }
}

}  // namespace timectl::render
