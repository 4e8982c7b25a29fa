// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/address.hpp"

#include <string>

namespace timectl::features {

/// What the kernel's packet filter does to UDP 123 coming in.
enum class Firewall {
  open,
  closed,          ///< a rule that names the port refuses it
  drops_the_rest,  ///< no rule names the port, and what none lets in is dropped
  not_known,
};

std::string to_string(Firewall firewall);

/// Follows the chains of `listing` (nft list ruleset, nft(8)) as a packet of `family` would pass
/// them. A condition besides the port (an interface, an address) counts as met where the rule lets
/// in or jumps to one that does, and as not met where a jump would lead to a refusal: this is
/// evidence and no proof.
Firewall judge_rules(const std::string& listing, IpAddress::Family family);

}  // namespace timectl::features
