// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "controller/contract.hpp"
#include "monitor/monitor.hpp"
#include "monitor/state.hpp"

#include <optional>
#include <string>
#include <vector>

/// The controller's environment: a drop-in below /run, so that a reboot starts without power
/// saving.
namespace timectl::monitor {

/// Holds the unit from before the drop-in is written until the controller was restarted without it:
/// by this timectl-monitor-stale.service knows that there is something to take away, or that a
/// taking-away stopped half way.
system::RootedPath given_path();

/// The controller as it is.
struct GateSight {
  std::string unit;
  system::UnitState state;
  std::string problem;                 ///< why systemd could not be asked, "" when it could
  std::optional<std::string> drop_in;  ///< its content now
  bool is_masked_by_leftover = false;  ///< the old script's drop-in of the same name in /etc
  /// Of the running main process; nullopt when there is none, it may not be looked at, or the
  /// program wrote over it.
  std::optional<profile::Environment> process_environment;
  std::string unreadable;   ///< why it could not be read, other than for want of privileges
  controller::Names names;  ///< the variables that are monitor's to give and to take, sorted
};

GateSight observe_gate(const std::string& unit, const system::FileReader& files,
                       const system::ServiceReader& services);

enum class FileStep { keep, write, remove };

struct GateDecision {
  FileStep file = FileStep::keep;
  bool reload = false;
  std::string text;  ///< what the drop-in is to say; "" when it is not to be there
};

/// Pure. `text` is what the drop-in is to say, "" while power must not be saved. A tick that died
/// between writing and reloading is made good by the next one.
GateDecision decide_gate(const GateSight& sight, const std::string& text);

/// Does the running controller have another environment than systemd has loaded, as far as our
/// variables go? Only then a restart changes anything.
bool needs_restart(const GateSight& sight, const GateDecision& decision, const State& state);

/// Brings the drop-in and the running controller to what `text` asks for, and notes in `tick` what
/// it did. Beginning to save power, or saving it in another way, may have to wait (calm.hpp): then
/// none is saved meanwhile, and a finding says until when. Ending it is never put off. A controller
/// that is stopped stays stopped; one that is absent or masked is a finding.
void gate_controller(const profile::ControllerFeature& controller, const std::string& text,
                     const Ports& ports, DryRun dry_run, State& state, Tick& tick);

}  // namespace timectl::monitor
