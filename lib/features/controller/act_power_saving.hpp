// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "features/controller/act_decision.hpp"
#include "features/controller/act_power.hpp"
#include "monitor/monitor.hpp"
#include "monitor/state.hpp"

/// The controller's environment: a drop-in below /run, so that a reboot starts without power
/// saving.
namespace timectl::features {

/// Holds the unit from before the drop-in is written until the controller was restarted without it:
/// by this timectl-monitor-stale.service knows that there is something to withdraw, or that a
/// taking-away stopped half way.
system::RootedPath given_path();

/// One check of a controller, and what it leaves.
struct PowerSavingCheck {
  const profile::ControllerFeature& controller;
  const monitor::Ports& ports;
  monitor::DryRun dry_run;
  monitor::State& state;
  monitor::Tick& tick;
};

/// Brings the drop-in and the running controller to what the allowance comes to (power.hpp), and
/// notes in the tick what was done; what is put off is a finding that says until when. A controller
/// that is stopped stays stopped; one that is absent or masked is a finding.
void update_power_saving(const PowerSavingCheck& check, const Allowance& allowance);

}  // namespace timectl::features
