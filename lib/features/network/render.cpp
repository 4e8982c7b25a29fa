// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "backends/network/network_backend.hpp"
#include "base/error.hpp"
#include "features/network/rows.hpp"
#include "target/draft.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::features {

using facts::NetworkBackendName;
using profile::SiteAddress;
using system::RootedPath;
using target::Draft;
using target::Model;
using target::ReactionKind;

namespace {

/// The interface with the default route is that of the only address.
std::optional<std::string> wanted_interface(const Draft& draft, const SiteAddress& address) {
  const bool is_only = draft.host.addresses.size() == 1;
  return address.interface || !is_only ? address.interface : draft.facts.default_interface;
}

/// The name becomes part of a path and of a section's title.
bool is_interface_name(const std::string& name) {
  return !name.empty() && name.size() < 16 && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

std::string require_interface(const Draft& draft, const SiteAddress& address) {
  const auto interface = wanted_interface(draft, address);
  if (!interface) {
    throw Error{ErrorKind::refused,
                fmt::format("cannot give host '{}' its address {}: it has no default route, and no "
                            "interface is named",
                            draft.host.name, address.address.text()),
                draft.facts.is_offline_root
                    ? fmt::format("set \"interface\" of the host in the profile, or let the first "
                                  "boot choose it: {}",
                                  draft.facts.command(fmt::format(
                                      "provision --host {} --at-first-boot", draft.host.name)))
                    : "set \"interface\" of the host in the profile"};
  }
  if (!is_interface_name(*interface)) {
    throw Error{
        ErrorKind::profile,
        fmt::format("cannot configure interface '{}': no such name is possible", *interface)};
  }
  return *interface;
}

bool is_network_manager_in_charge(const facts::NetworkOwner& owner) {
  if (owner.backend == NetworkBackendName::network_manager) return true;
  return owner.backend == NetworkBackendName::netplan && owner.netplan_renderer == "NetworkManager";
}

/// Nothing is restarted for it: that would cut the host off for a moment.
void configure_network_manager(Draft& draft, const std::string& interface) {
  draft.add({.path = RootedPath{"/etc/NetworkManager/conf.d/50-timectl-wifi.conf"},
             .why = "keeps Wi-Fi power save from delaying answers"},
            Model{"interface", interface});
  draft.note(
      fmt::format("Wi-Fi power save of {} goes off when its connection next comes up", interface));
}

/// No back end has a setting for it: a udev rule sets it in the kernel.
void configure_kernel(Draft& draft, const std::string& interface) {
  draft.need_package("iw");
  draft.add({.path = RootedPath{"/etc/udev/rules.d/85-timectl-wifi.rules"},
             .why = "keeps Wi-Fi power save from delaying answers",
             .reactions = {{ReactionKind::udev_reload, ""}}},
            Model{"interface", interface});
  draft.note(
      fmt::format("Wi-Fi power save of {} goes off at the next boot; 'iw dev {} set "
                  "power_save off' does it now",
                  interface, interface));
}

/// Power save wakes the radio every tenth of a second, and answers wait that long.
void add_wifi_power(Draft& draft, const SiteAddress& address) {
  const auto interface = wanted_interface(draft, address);
  if (!draft.host.serve || !interface || !is_interface_name(*interface)) return;
  if (!backends::is_wireless(draft.facts, *interface)) return;
  if (is_network_manager_in_charge(draft.facts.network)) {
    configure_network_manager(draft, *interface);
  } else {
    configure_kernel(draft, *interface);
  }
}

std::string owner_of(const SiteAddress& address) {
  const auto text = address.address.text();
  return address.network.empty() ? text : fmt::format("{} of network {}", text, address.network);
}

/// What else gives the interface an address is refused by the back end, which knows what may go.
void claim(Draft& draft, const SiteAddress& address, const std::string& interface,
           const std::string& where) {
  draft.claim({target::ClaimKind::interface_address, interface, owner_of(address), true, where});
}

bool is_static(const SiteAddress& address) {
  return address.addressing == profile::Addressing::static_address;
}

/// An address that the interface has from elsewhere would be gone, and with it another network of
/// the site. The profile need not name the interface of an address that timectl does not give.
void claim_found_addresses(Draft& draft, const std::string& interface) {
  for (const auto& found : draft.facts.interfaces) {
    if (found.name != interface) continue;
    for (const auto& address : draft.host.addresses) {
      const bool is_there =
          std::any_of(found.addresses.begin(), found.addresses.end(),
                      [&](const Subnet& each) { return each.address == address.address; });
      const bool is_elsewhere = address.interface && *address.interface != interface;
      if (!is_there || is_static(address) || is_elsewhere) continue;
      claim(draft, address, interface, "the addresses of " + interface);
    }
  }
}

void note_lease(Draft& draft, const SiteAddress& address) {
  const auto interface = wanted_interface(draft, address);
  const bool is_reserved = address.addressing == profile::Addressing::reservation;
  const bool is_manager = draft.facts.network.backend == NetworkBackendName::network_manager;
  if (is_static(address) || !is_manager || !interface) return;
  if (is_reserved) {
    backends::note_manual_wifi({draft, address, *interface});
  } else {
    backends::note_left_wifi({draft, address, *interface});
  }
}

void note_assumption(Draft& draft, const SiteAddress& address, const std::string& interface) {
  if (address.interface || !draft.facts.is_interface_assumed) return;
  draft.note(
      fmt::format("{} is assumed, because a card does not show its board; for another interface, "
                  "as wlan0 of a Pi Zero W, set \"interface\" of the host in the profile",
                  interface));
}

void add_addresses(Draft& draft) {
  for (const auto& address : draft.host.addresses) {
    add_wifi_power(draft, address);
    note_lease(draft, address);
    if (!is_static(address)) continue;
    const auto interface = require_interface(draft, address);
    note_assumption(draft, address, interface);
    claim(draft, address, interface,
          fmt::format("\"interface\" of host '{}' in the profile", draft.host.name));
    claim_found_addresses(draft, interface);
    const backends::Assignment wanted{draft, address, interface};
    backends::network_backend_of(wanted).add_address(wanted);
  }
}

}  // namespace

constinit const target::Contribution network_contributions[1] = {
    {target::Phase::host, add_addresses}};

}  // namespace timectl::features
