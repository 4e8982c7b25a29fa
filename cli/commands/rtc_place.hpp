// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "context.hpp"
#include "observe/observation.hpp"
#include "profile/limits.hpp"
#include "rtc/island.hpp"

/// The RTC that the subcommands of timectl rtc are about.
namespace timectl::cli {

/// What of the profile they need. Without a profile that knows this host they still work, for the
/// module that is sold everywhere (rtc::Identity). They serve no time then.
struct Place {
  profile::Host host;           ///< always with an RTC
  bool is_rtc_guessed = false;  ///< by no profile: monitor does not read it
  profile::Limits limits;
};

Place find_place(Context& context);

/// The RTC and what is known of this boot, as verify and monitor see them.
observe::Observation observe_clocks(Context& context, const Place& place);

/// The same with the host's daemon. One that refuses to answer is noted and gone on without.
observe::Observation observe_time(Context& context, const Place& place);

/// As monitor judges it: an RTC that the profile does not name allows nothing.
rtc::Decision may_enable_island(Context& context, const Place& place);

/// Island mode, with the distance that this boot's sources needed.
void have_chronyd_serve(Context& context, const Place& place);

}  // namespace timectl::cli
