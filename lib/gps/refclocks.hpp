// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/time.hpp"

#include <optional>
#include <string>
#include <vector>

/// The receiver's lines of chronyd's configuration (chrony.conf(5), refclock).
namespace timectl::gps {

/// What they depend on when chronyd starts.
struct Situation {
  std::optional<Seconds> offset = {};    ///< known well enough for a pulse
  std::optional<Seconds> estimate = {};  ///< about, where it is not
  bool wants_pulse = false;              ///< by the profile
  bool has_pulse = false;                ///< /dev/pps0 is there
  bool has_other_sources = false;        ///< besides the receiver
};

struct Refclocks {
  std::vector<std::string> lines;
  std::string why_no_pulse;  ///< half a sentence; "" where it is used, or not wanted
};

Refclocks refclocks_for(const Situation& situation);

}  // namespace timectl::gps
