// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "reach/reach.hpp"

#include <string>
#include <vector>

/// What an operator is told of a change that cuts off, and to do about it.
namespace timectl::reach {

/// "eth0 changes from 192.168.1.50/24 (gateway 192.168.1.1) to 192.168.4.2/24 (gateway
/// 192.168.4.1) and the host's name from 'raspberrypi' to 'pi-ntp': …", with the reasons.
std::string sentence(const CutOff& cut_off);

/// Where the host is to be found afterwards; "" where that is not known.
std::string new_address(const std::vector<CutOff>& cut_offs);

/// Commands for one that --confirm cannot be added to.
struct Detour {
  std::string confirmed;   ///< that awaits its confirmation; "": the same command with --confirm
  std::string afterwards;  ///< that does the rest
};

/// How the order was given, and what works here.
struct Circumstances {
  bool said_yes = true;        ///< by --yes
  bool has_terminal = false;   ///< the prompt can be answered
  bool can_roll_back = true;   ///< systemd runs, which ends the wait for a confirmation
  bool is_by_profile = false;  ///< the addresses to come are the profile's
  Detour detour = {};
};

/// A hint, in words that can be pasted.
std::string remedy(const std::vector<CutOff>& cut_offs, const Circumstances& circumstances);

}  // namespace timectl::reach
