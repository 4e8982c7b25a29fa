// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "facts/facts.hpp"
#include "target/draft.hpp"

#include <string>

/// The software that configures the interfaces of a host: a file each, behind one interface.
namespace timectl::backends {

struct NetworkBackend {
  facts::NetworkAuthority authority = facts::NetworkAuthority::unknown;
  /// Adds the file that gives `interface` the host's address. Throws Error{refused} when the
  /// interface has an address from elsewhere already, or when it would be cut off.
  void (*add_address)(target::Draft& draft, const std::string& interface) = nullptr;
};

extern const NetworkBackend networkd;
extern const NetworkBackend network_manager;
extern const NetworkBackend netplan;
extern const NetworkBackend dhcpcd;
extern const NetworkBackend ifupdown;

/// Throws Error{refused} where it is undecided whose the network is.
const NetworkBackend& network_backend_of(const target::Draft& draft);

/// A card in a reader has no interfaces to ask: then the name has to do (wlan0, wlp2s0, wlx…).
bool is_wireless(const facts::Facts& facts, const std::string& interface);

}  // namespace timectl::backends
