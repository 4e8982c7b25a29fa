// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "context.hpp"
#include "rtc/arming.hpp"
#include "rtc/rtc.hpp"

#include <string>
#include <vector>

/// What the subcommands of timectl rtc look at.
namespace timectl::cli {

/// What of the profile they need. Without a profile that knows this host they still work, for the
/// module that is sold everywhere: a DS3231 on bus 1. They serve nobody then.
struct Place {
  rtc::Identity identity;
  int local_stratum = 10;
  bool serves = false;  ///< the profile says that this host serves time
  std::vector<std::string> site_servers;
};

Place find_place(Context& context);

/// chronyd's state; "cannot be asked" is "not running" to commands that go on without it.
std::optional<system::ChronyTracking> ask_chrony(Context& context);

/// An RTC whose node cannot even be opened is one that cannot be read.
rtc::Assessment look_at_rtc(Context& context, const Place& place);

rtc::SystemClockView clock_view(Context& context);

bool is_synchronized_now(Context& context, const Place& place);

/// Never yes on a host that does not serve: its chronyd has its own business. Asks chronyd only
/// when nothing else allows arming.
rtc::Decision decide_arming(Context& context, const Place& place,
                            const rtc::Assessment& assessment);

}  // namespace timectl::cli
