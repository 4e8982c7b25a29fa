// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "apply/generations.hpp"
#include "plan/plan.hpp"
#include "system/clock.hpp"
#include "system/files.hpp"
#include "system/host_control.hpp"
#include "system/packages.hpp"
#include "system/services.hpp"
#include "system/time_daemons.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Carries a plan out as one transaction, or leaves the machine as it was.
namespace timectl::apply {

/// Everything apply may change. Packages are nullptr where none are to be touched
/// (--no-packages, --root).
struct Machine {
  system::FileStore& files;
  system::ServiceManager& services;
  system::TimeDaemonControl& daemons;
  system::HostControl& host;
  const system::Clock& clock;
  system::Packages* packages = nullptr;
  /// The real directory of "/" in the machine ("" when it is the running host): only for telling
  /// apt and dpkg where to keep packages.
  std::string root;
  Who who = {};
};

enum class OutcomeKind {
  committed,
  waiting,     ///< applied and verified; rolled back unless confirm() is called in time
  restored,    ///< something failed, everything is as it was
  incomplete,  ///< something failed and not everything could be put back
};

struct Outcome {
  OutcomeKind kind = OutcomeKind::committed;
  std::string generation;             ///< its directory's name, "" when nothing was recorded
  std::string reason;                 ///< why it was rolled back
  std::vector<std::string> problems;  ///< what could not be put back, with where its old content is
  std::vector<std::string> notes;     ///< what a person should know of it: packages that stay
  std::vector<std::string> losses;    ///< documents that a disk has lost, and what that costs
  std::string hint = {};              ///< what to do about `reason`
};

/// Says what is being done, before each step: "writes /etc/chrony/conf.d/50-timectl.conf".
/// What it throws is a reason to undo; while undoing it is ignored.
using Progress = std::function<void(const std::string& step)>;

/// Asked once all changes are made: reasons to undo them, or none. What it throws is a reason too.
using Health = std::function<std::vector<std::string>()>;

/// Plans a call of recover() for the end of the confirmation window. What it throws is a reason to
/// undo.
using PlanUndo =
    std::function<void(const std::string& generation, const Confirmation& confirmation)>;

/// Makes the plan again. New packages bring groups, units and files of their own, so what was
/// planned without them is a forecast only.
using Replan = std::function<plan::Plan()>;

/// Plans a call of recover() for the case that this process dies. Called when all that recover()
/// needs is on disk and nothing was changed yet; what it throws is a reason not to begin.
using Watch = std::function<void(const std::string& generation)>;

/// What a transaction may need besides its plan.
struct Terms {
  Replan replan = {};
  /// The unit that calls recover() at boot, its text; "" for none. It is there while the change is
  /// open.
  std::string recovery_unit = {};
  Watch watch = {};
  /// The change waits that long for confirm(); needs `plan_undo`.
  std::optional<std::chrono::seconds> confirm_within = {};
  PlanUndo plan_undo = {};
};

/// Order: packages (then `replan`, when given), files and units under the journal, `health`, the
/// commit record. The caller holds the lock. Throws only when nothing has been changed yet, for
/// example Error{refused} when a file is not as the plan saw it, or a transaction waits for
/// recover() or confirm(); later failures are an Outcome.
Outcome apply_plan(const plan::Plan& plan, Machine& machine, const Health& health,
                   const Progress& progress, const Terms& terms = {});

/// Finds a transaction that was begun and neither committed nor wholly rolled back. Throws
/// Error{io} naming the journal when it is damaged.
std::optional<Interrupted> find_interrupted(const system::FileReader& files);

/// nullopt when none waits. Throws Error{io} naming the journal when it is damaged.
std::optional<Unconfirmed> find_unconfirmed(const system::FileReader& files);

/// Throws Error{refused} with the way out while one waits: nothing else may begin.
void refuse_while_unconfirmed(const system::FileReader& files);

/// Commits the change that waits; its generation is the outcome's. The caller holds the lock.
/// Throws Error{refused} when none waits, or its time is over.
Outcome confirm(Machine& machine);

/// How recover() changes running units. In early boot PID 1 has its jobs still before it: waiting
/// for one would wait for ever.
enum class Jobs { wait, enqueue };

/// Undoes what find_interrupted found, or finishes it when only its last note was missing. Can be
/// interrupted and run again. The caller holds the lock. `committed` with an empty generation when
/// there was nothing to do. With Jobs::enqueue packages are not put back: that is left, and said,
/// for a run after boot.
///
/// A change that awaits confirmation is rolled back when its window is over or the host was booted
/// since; one that needs the reboot is kept by the first boot, which calls `plan_undo` for its full
/// time. `waiting` when it waits on. What the user edited meanwhile is kept beside the journal.
Outcome recover(Machine& machine, const Progress& progress, Jobs jobs = Jobs::wait,
                const PlanUndo& plan_undo = {});

/// Rolls back the change that awaits confirmation, whatever time it has left. Throws Error{refused}
/// when none waits.
Outcome reject(Machine& machine, const Progress& progress);

}  // namespace timectl::apply
