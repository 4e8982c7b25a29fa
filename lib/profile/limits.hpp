// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/time.hpp"
#include "profile/profile.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace timectl::profile {

/// What this host's time is held to. Whatever judges it (verify, monitor, status, metrics, units,
/// alert rules) has its numbers from here.
struct Limits {
  /// The largest error bound of a time that is trusted.
  Seconds bound{5};
  /// The stratum at which the site's servers say that they run on their own clock.
  int local_stratum = 10;
  /// The root distance from which on they do, unless their sources are farther away.
  Seconds local_distance{0.1};
  /// All addresses of the site's servers: what they say is not a word from outside of the site.
  std::vector<std::string> site_servers;
  /// How long power saving outlives the last check of the monitor: three may be missed.
  std::chrono::seconds longest_without_check{};
  /// Bounds that are worth a warning, and an alarm.
  Seconds bound_warn{1};
  Seconds bound_critical{5};
  /// What is left out of those two where the clock was read from an RTC: its whole seconds.
  Seconds rtc_reading{1.5};
  /// A bound that passes `bound` so soon is worth a warning.
  Seconds forecast{std::chrono::hours{24}};
  /// How fast an uncorrected clock may run off before it is worth a warning, and how well that is
  /// to be known: a crystal does 50 ppm, and chronyd is sure of its frequency to a few.
  double frequency_warn_ppm = 100;
  double skew_warn_ppm = 10;
  /// How fast RTC and system clock may drift apart: a warning, an alarm.
  double drift_warn_ppm = 5;
  double drift_critical_ppm = 20;
  /// What that is learned from. Readings have whole seconds: a week shows a tenth of a ppm.
  std::chrono::hours drift_window{std::chrono::days{7}};
};

/// The stratum at which the site's servers say that they run on their own clock: they share one.
int local_stratum(const Profile& profile);

/// Addresses of the site's servers in all networks, in the profile's order.
std::vector<std::string> server_addresses(const Profile& profile);

Limits limits_of(const Profile& profile, const Host& host);

}  // namespace timectl::profile
