// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/files.hpp"

#include <chrono>
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
  /// The unit that was gated: who cannot read the profile any more still knows whom to stop.
  std::string controller = {};
  /// The run that a restart of ours was to end: noted before, because waiting for the restart may
  /// outlast the tick. "" when none is under way.
  std::string restarting_from = {};
  /// When the controller was restarted to save power, since boot; of the last hour.
  std::vector<std::chrono::nanoseconds> entries = {};

  bool operator==(const State&) const = default;
};

/// A fresh state when there is none, when it is torn, or when it is another boot's.
State read_state(const system::FileReader& files, const std::string& boot_id);

void write_state(system::FileStore& files, const State& state);

}  // namespace timectl::monitor
