// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

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
};

enum class OutcomeKind {
  committed,
  restored,    ///< something failed, everything is as it was
  incomplete,  ///< something failed and not everything could be put back
};

struct Outcome {
  OutcomeKind kind = OutcomeKind::committed;
  std::string generation;             ///< its directory's name, "" when nothing was recorded
  std::string reason;                 ///< why it was undone
  std::vector<std::string> problems;  ///< what could not be put back, with where its old content is
  std::vector<std::string> notes;     ///< what a person should know of it: packages that stay
};

/// Says what is being done, before each step: "writes /etc/chrony/conf.d/50-timectl.conf".
/// What it throws is a reason to undo; while undoing it is ignored.
using Progress = std::function<void(const std::string& step)>;

/// Asked once all changes are made: reasons to undo them, or none. What it throws is a reason too.
using Health = std::function<std::vector<std::string>()>;

/// Makes the plan again. New packages bring groups, units and files of their own, so what was
/// planned without them is a forecast only.
using Replan = std::function<plan::Plan()>;

/// Order: packages (then `replan`, when given), files and units under the journal, `health`, the
/// commit record. The caller holds the lock. Throws only when nothing has been changed yet, for
/// example Error{refused} when a file is not as the plan saw it or an interrupted transaction
/// waits for recover(); later failures are an Outcome.
Outcome apply_plan(const plan::Plan& plan, Machine& machine, const Health& health,
                   const Progress& progress, const Replan& replan = {});

/// What is known of an interrupted transaction.
struct Interrupted {
  std::string generation;
  std::string started;  ///< UTC
  std::string host;
  std::string role;
};

/// Looks for a transaction that was begun and neither committed nor wholly undone. Throws Error{io}
/// naming the journal when it is damaged.
std::optional<Interrupted> find_interrupted(const system::FileReader& files);

/// How recover() changes running units. In early boot PID 1 has its jobs still before it: waiting
/// for one would wait for ever.
enum class Jobs { wait, enqueue };

/// Undoes what find_interrupted found, or finishes it when only its last note was missing. Can be
/// interrupted and run again. The caller holds the lock. `committed` with an empty generation when
/// there was nothing to do. With Jobs::enqueue packages are not put back: that is left, and said,
/// for a run after boot.
Outcome recover(Machine& machine, const Progress& progress, Jobs jobs = Jobs::wait);

}  // namespace timectl::apply
