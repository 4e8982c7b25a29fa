// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "monitor/state.hpp"
#include "profile/profile.hpp"
#include "system/services.hpp"

#include <chrono>
#include <optional>
#include <string>

/// What puts the beginning of power saving off. Its end is never put off.
namespace timectl::features {

struct HoldOffRules {
  std::chrono::nanoseconds boot_hold_off{};
  std::chrono::nanoseconds hold_off{};
  std::size_t restarts_per_hour = 6;
  /// The unit's StartLimitIntervalSec= and StartLimitBurst= (systemd.unit(5)); zero: none.
  std::chrono::nanoseconds start_limit_interval{};
  std::size_t start_limit_burst = 0;
};

HoldOffRules hold_off_rules(const profile::ControllerFeature& controller,
                            const system::UnitState& unit);

struct Delay {
  std::string reason;
  std::chrono::nanoseconds until{};  ///< since boot: when there will be room again
  bool is_boot_hold_off = false;     ///< only that after the boot, which is no fault
};

/// How many restarts a step up needs room for: its own, and one for each step down again, so that
/// the end is within the cap whenever it comes.
constexpr std::size_t restarts_for(int step) { return static_cast<std::size_t>(step) + 1; }

/// Pure. What speaks at `now` (since boot) against saving more power, which needs room for so many
/// restarts; nullopt when nothing does.
std::optional<Delay> delay_of_saving(const monitor::State& state, const HoldOffRules& rules,
                                     std::chrono::nanoseconds now,
                                     std::size_t restarts = restarts_for(1));

/// Pure. Is there room for so many restarts under the caps?
bool has_room(const monitor::State& state, const HoldOffRules& rules, std::chrono::nanoseconds now,
              std::size_t restarts);

/// Notes that power saving ended or went down, or a restart of ours, at `now`; what cannot count
/// any more goes.
void note_loss(monitor::State& state, std::chrono::nanoseconds now);
void note_own_restart(monitor::State& state, const HoldOffRules& rules,
                      std::chrono::nanoseconds now);

}  // namespace timectl::features
