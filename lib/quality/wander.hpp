// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

/// How fast a clock leaves the right time while no source corrects it.
namespace timectl::quality {

/// Seconds per second. These hold for a host that has not recorded a week of its own
/// (history/learned.hpp).
struct Wander {
  double clock = 15e-6;  ///< a system clock that was disciplined (PHI of RFC 5905)
  double rtc = 5e-6;     ///< the usual chip's, a DS3231; each chip has its own (rtc/chips)
};

}  // namespace timectl::quality
