// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/time.hpp"
#include "rtc/battery.hpp"
#include "system/files.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace timectl::monitor {

/// What one tick leaves for the next (/run/timectl/monitor.json): gone after a reboot.
struct State {
  std::string boot_id;
  std::string quality;  ///< the last tick's state
  int good_ticks = 0;   ///< in a row, in which a local server was good while another was followed
  /// The controller's run that a restart of ours began, and the environment it was to have. When
  /// that run still has another one, something overrides ours and a second restart cannot help.
  std::string restarted_invocation;
  std::string restarted_environment;
  /// The controller's unit: a check that cannot read the profile can still withdraw power saving.
  std::string controller = {};
  /// The run that a restart of ours was to end: noted before, because waiting for the restart may
  /// outlast the tick. "" when none is under way.
  std::string restarting_from = {};
  /// Restarts of the controller by monitor, and ends of power saving, since boot: of the last hour,
  /// or of the unit's start limit when that is longer.
  std::vector<std::chrono::nanoseconds> restarts = {};
  std::vector<std::chrono::nanoseconds> losses = {};
  /// What the drop-in says since the last tick, "" when there was none. When it is gone now,
  /// another program withdrew power saving.
  std::string given = {};
  /// The step of power saving that the last check gave, and since when (since boot) each check has
  /// found a time that can be trusted.
  int power_step = 0;
  std::optional<std::chrono::nanoseconds> trusted_since = {};
  /// Every variable that the controller was ever given in this boot.
  std::vector<std::string> names = {};
  /// What the history taught of the RTC, twice an hour.
  std::optional<double> drift_ppm = {};
  double drift_margin_ppm = 0;
  /// What was alarming at the last tick: it is reported once.
  std::vector<std::string> alerts = {};
  /// The last tick, since boot and by the wall clock: when it is long ago, the monitor does not
  /// run.
  std::chrono::nanoseconds ticked = {};
  WallTime ticked_at = {};
  /// Since boot: the first of the ticks that were skipped since then.
  std::optional<std::chrono::nanoseconds> skipped_since = {};
  /// Our variables as the controller had them although it was restarted for others: something
  /// overrides them, in its later runs too.
  std::optional<std::vector<std::string>> overriding = {};
  /// What is noted of the RTC's battery, read twice an hour; nullopt: not yet in this boot.
  std::optional<rtc::BatteryNote> battery = {};
  int silent_ticks = 0;  ///< in a row, in which chronyd kept to a local server that had no time

  bool operator==(const State&) const = default;
};

/// A fresh state when there is none, when it is torn, or when it is another boot's.
State read_state(const system::FileReader& files, const std::string& boot_id);

void write_state(system::FileStore& files, const State& state);

}  // namespace timectl::monitor
