// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/error.hpp"
#include "controller/contract.hpp"
#include "profile/profile.hpp"
#include "system/clock.hpp"
#include "system/files.hpp"
#include "system/services.hpp"

#include <optional>
#include <string>
#include <vector>

/// What the controller's processes were started with. They are judged by the unit's control group:
/// a unit that is "inactive", "activating" or "active (exited)" may well have some, and a main
/// process that systemd does not know, or one that ignores its stop, runs on all the same.
namespace timectl::controller {

/// What of an environment is timectl's: the variables of its drop-in, and what a level gives word
/// for word. The unit may have another value of its own for a time that is not trusted.
class Ours {
 public:
  Ours(const profile::PowerLevels& levels, const profile::Environment& wanted);

  /// Sorted: "CONSERVE_POWER=10" is not "CONSERVE_POWER=1". Where nothing is wanted, only if it
  /// saves power: else an NTP_SERVER or a POWER_LEVEL of 0 is the unit's own.
  profile::Environment part_of(const std::vector<std::string>& environment) const;

 private:
  bool is_of_a_level(const std::string& variable) const;
  bool is_own_default(const std::string& variable) const;

  const profile::PowerLevels& levels_;
  Names names_;
  bool is_wanted_;
};

/// A process of the controller's.
struct Process {
  system::UnitProcess process;
  profile::Environment given;  ///< what of its environment is timectl's
  bool is_main = false;
};

struct Processes {
  std::vector<Process> known;   ///< the main one first, if it is among them
  std::optional<Error> unread;  ///< why what another one was started with is not known
};

/// At most 64 of them, and environments of 4 MiB in all: those beyond are not known, nor is one
/// that this user may not read or that is too large. Throws Error: what systemd answers.
Processes processes_of(const std::string& unit, const system::UnitState& state, const Ours& ours,
                       const system::ServiceReader& services);

/// "process 4711 (sleep)", without its arguments: they may hold a password.
std::string in_words(const system::UnitProcess& process);

/// What ends a process that has what it should not have: a restart, unless the unit does not run
/// any more, is being stopped and the process does not heed it, or keeps the process through its
/// restarts (KillMode=process).
std::string remedy_for(const std::string& unit, const system::UnitState& state,
                       const Process& process);

/// How much longer a unit that is being stopped may take, by its TimeoutStopSec= and five minutes
/// at most; nullopt when it is not being stopped, or should have ended by now.
std::optional<Seconds> stop_goes_on(const system::UnitState& state, const system::Clock& clock);

/// Starts another program as another user or elsewhere, with an environment of its own: su, sudo,
/// docker, …; "" when the command is none of them.
std::string wrapper_in(const std::string& command);

}  // namespace timectl::controller
