// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "controller/contract.hpp"
#include "features/controller/act_decision.hpp"
#include "features/controller/act_hold_off.hpp"
#include "monitor/state.hpp"

#include <chrono>
#include <optional>
#include <string>

/// How much power the controller may save from this check on: one step more than before at most,
/// or at once so much less that the time allows it. All of it is pure.
namespace timectl::features {

/// Since when the time has been trusted without a break, as of a check at `now` (since boot). A
/// time without a check for longer than power saving outlives one was not trusted meanwhile.
std::optional<std::chrono::nanoseconds> trusted_since(const monitor::State& before, bool is_trusted,
                                                      std::chrono::nanoseconds now,
                                                      std::chrono::nanoseconds longest_gap);

/// What the time allows the controller.
struct Allowance {
  const profile::PowerLevels& levels;
  quality::State state = quality::State::unsynchronized;
  int highest = 0;     ///< step; 0: power saving is withdrawn
  std::string server;  ///< the address followed
};

/// The step that the drop-in gives; not more than the last check gave.
int step_in_force(const ControllerView& observed, const monitor::State& state);

/// What a decision rests on.
struct PowerView {
  const ControllerView& observed;
  const Allowance& allowance;
  const HoldOffRules& rules;
  const monitor::State& state;
  std::chrono::nanoseconds now;  ///< since boot
};

struct PowerDecision {
  int step = 0;
  DropInDecision drop_in;
  std::optional<Delay> delay;  ///< what put more power saving off
};

/// Beginning to save power, going a step up, or saving it in another way, may have to wait
/// (act_hold_off.hpp). A step up that has to wait leaves the step that is in force; else no power
/// is saved meanwhile. Going down is never put off: it is taken for an end where there is no room
/// for the restart that the end would take afterwards. A step up waits until the controller has the
/// one before it.
PowerDecision decide_power(const PowerView& view);

/// Notes in the state what the decision gave. A step down counts as a loss: what goes up and down
/// restarts the controller as often as what begins and ends.
void note_given(const ControllerView& observed, const PowerDecision& decision,
                std::chrono::nanoseconds now, monitor::State& state);

}  // namespace timectl::features
