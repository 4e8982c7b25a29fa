// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "monitor/gate_decision.hpp"
#include "monitor/monitor.hpp"
#include "monitor/state.hpp"

#include <string>

/// The controller's environment: a drop-in below /run, so that a reboot starts without power
/// saving.
namespace timectl::monitor {

/// Holds the unit from before the drop-in is written until the controller was restarted without it:
/// by this timectl-monitor-stale.service knows that there is something to take away, or that a
/// taking-away stopped half way.
system::RootedPath given_path();

/// Brings the drop-in and the running controller to what `text` asks for, and notes in `tick` what
/// it did. Beginning to save power, or saving it in another way, may have to wait (calm.hpp): then
/// none is saved meanwhile, and a finding says until when. Ending it is never put off. A controller
/// that is stopped stays stopped; one that is absent or masked is a finding.
void gate_controller(const profile::ControllerFeature& controller, const std::string& text,
                     const Ports& ports, DryRun dry_run, State& state, Tick& tick);

}  // namespace timectl::monitor
