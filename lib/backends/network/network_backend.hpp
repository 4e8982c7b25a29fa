// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "facts/facts.hpp"
#include "profile/profile.hpp"
#include "target/draft.hpp"

#include <array>
#include <string>

/// The software that configures the interfaces of a host: a file each, behind one interface.
namespace timectl::backends {

/// An address of the host, and the interface that is to have it.
struct Assignment {
  target::Draft& draft;
  const profile::SiteAddress& address;
  std::string interface;
};

struct NetworkBackend {
  facts::NetworkBackendName name = facts::NetworkBackendName::unknown;
  /// Adds the file that gives the interface the address. Throws Error{refused} when the
  /// interface has an address from elsewhere already, or when it would be cut off.
  void (*add_address)(const Assignment& wanted) = nullptr;
};

extern const NetworkBackend netplan;
extern const NetworkBackend network_manager;
extern const NetworkBackend dhcpcd;
extern const NetworkBackend networkd;
extern const NetworkBackend ifupdown;
inline constexpr std::array network_backends{&netplan, &network_manager, &dhcpcd, &networkd,
                                             &ifupdown};

/// Throws Error{refused} where it is undecided whose the network is.
const NetworkBackend& network_backend_of(const Assignment& wanted);

/// Notes a Wi-Fi connection of NetworkManager's that asks no DHCP server, which would reserve the
/// address: it is not timectl's, and keeps a static address that timectl gave it.
void note_manual_wifi(const Assignment& wanted);
/// The address is others' to give now: a note where the Wi-Fi connection still has the one that
/// timectl wrote, which is the user's file and stays as it is.
void note_left_wifi(const Assignment& wanted);

/// A card in a reader has no interfaces to ask: then the name has to do (wlan0, wlp2s0, wlx…).
bool is_wireless(const facts::Facts& facts, const std::string& interface);

}  // namespace timectl::backends
