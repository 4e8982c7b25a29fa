// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "controller/contract.hpp"
#include "monitor/state.hpp"
#include "probe/finding.hpp"
#include "system/files.hpp"
#include "system/services.hpp"

#include <optional>
#include <string>

/// The controller as it is, and what is to be done about its environment. Nothing here changes
/// anything.
namespace timectl::features {

/// The controller as it is.
struct ControllerView {
  std::string unit;
  system::UnitState state;
  std::string problem;                    ///< why systemd could not be asked, "" when it could
  std::optional<std::string> drop_in;     ///< its content now
  bool is_hidden_by_old_drop_in = false;  ///< the old script's drop-in of the same name in /etc
  /// Of the running main process; nullopt when there is none, it may not be read, or the program
  /// overwrote it.
  std::optional<profile::Environment> process_environment;
  std::string unreadable;   ///< why it could not be read, other than for want of privileges
  bool is_unread = false;   ///< systemd was asked to read its units again, and did not
  controller::Names names;  ///< the variables that are monitor's to give and to take, sorted
};

ControllerView observe_controller(const std::string& unit, const system::FileReader& files,
                                  const system::ServiceReader& services);

/// Is timectl's drop-in in force, whether it is still there or not?
bool has_loaded_drop_in(const ControllerView& observed);

enum class FileStep { keep, write, remove };

struct DropInDecision {
  FileStep file = FileStep::keep;
  bool reload = false;
  std::string text;  ///< what the drop-in is to say; "" when it is not to be there
};

/// Pure. `text` is what the drop-in is to say, "" while power must not be saved. A tick that died
/// between writing and reloading is made good by the next one.
DropInDecision decide_drop_in(const ControllerView& observed, const std::string& text);

/// Why there is no controller whose environment could be changed; nullopt when there is one.
std::optional<probe::Finding> objection_to(const ControllerView& observed);

/// Does the running controller have another environment than systemd has loaded, as far as our
/// variables go? Only then a restart changes anything.
bool needs_restart(const ControllerView& observed, const DropInDecision& decision,
                   const monitor::State& state);

/// Is it to be restarted? If the environment of the process cannot be read, only a change of ours
/// is a reason, or that the run which a restart of ours was to end goes on.
bool restart_is_due(const ControllerView& observed, const DropInDecision& decision,
                    const monitor::State& state);

/// What systemd will have loaded once the decision is carried out, as far as can be foretold.
ControllerView predict(ControllerView observed, const DropInDecision& decision);

/// Would it give the controller something that it does not have yet?
bool begins(const ControllerView& observed, const DropInDecision& decision,
            const monitor::State& state);

}  // namespace timectl::features
