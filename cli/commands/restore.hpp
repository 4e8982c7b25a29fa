// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "command.hpp"
#include "plan/restore_plan.hpp"
#include "reach/sentences.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

/// What rollback and uninstall have in common: a plan back to a recorded state.
namespace timectl::cli {

struct RestoreOptions {
  bool yes = false;
  bool no_packages = false;
  bool dry_run = false;
  std::string confirm;        ///< a span of time, "" for none
  reach::Detour detour = {};  ///< of a command that takes no --confirm
};

/// -y, --no-packages, --dry-run and --confirm.
void add_restore_options(CLI::App& app, RestoreOptions& options);

/// Makes the plan from the recorded state and from the machine as it is.
using MakeRestorePlan = std::function<plan::RestorePlan()>;

/// The plan of `state` against this machine, with what its packages would push out.
plan::RestorePlan make_restore_plan(Context& context, const plan::RollbackState& state,
                                    plan::Edits edits);

/// Where that led to.
struct RestoreOutcome {
  std::optional<ExitStatus> status;  ///< of a command that ends here: refused, or only shown
  std::string generation;            ///< "" when there was nothing to do
  std::vector<std::string> lost;     ///< files that could not come back, a sentence each
};

/// Shows the plan, asks, carries it out and verifies it; `name` is the command's. Throws what
/// throw_unless_applied throws.
RestoreOutcome run_restore(Context& context, const std::string& name, const RestoreOptions& options,
                           const MakeRestorePlan& make);

/// Names them and throws Error{incomplete}, unless there are none. `what` is the command's verb.
void throw_if_lost(Context& context, const std::vector<std::string>& lost, const std::string& what);

}  // namespace timectl::cli
