// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "apply/wait_for_health.hpp"
#include "command.hpp"
#include "plan/plan.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// What provision, rollback and uninstall have in common: one way to change a machine.
namespace timectl::cli {

/// What a command adds to its plan.
struct TransactionOptions {
  /// Reasons to undo the change, or none. Asked again while there is patience with all of them.
  std::function<std::vector<apply::Reason>()> reasons;
  /// Makes the plan again once packages are there.
  std::function<plan::Plan()> replan;
  std::optional<std::chrono::seconds> confirm_within;
};

struct Result {
  apply::Outcome outcome;
  std::string hint;  ///< of the reasons that it was rolled back for
};

/// Carries the plan out. A signal is a reason to undo like any other, checked between the steps; so
/// is a unit that was started and does not run on.
Result run_transaction(Context& context, const plan::Plan& plan, apply::Machine& machine,
                       const TransactionOptions& options);

/// Says notes and problems. Throws Error{restored} or Error{incomplete} unless it was applied;
/// `what` completes "cannot …".
void throw_unless_applied(Context& context, const Result& result, const std::string& what);

/// To be called before a change after which ticks control the unit `next` ("": none): another
/// controller that saves power now would do so until the next boot. Nothing below --root.
void withdraw_from_controller(Context& context, const std::string& next);

/// Undoes an interrupted change. The caller holds the lock. True when there was one.
bool recover_first(Context& context, apply::Machine& machine);

/// Failures among the findings that a change answers for by itself.
std::vector<apply::Reason> reasons_among(const std::vector<probe::Finding>& findings);

/// Notes that a change of this boot needs a reboot, so that the probes tell what waits for it from
/// what it did not bring. A host on which that cannot be noted is warned of.
void note_reboot(Context& context);
bool is_reboot_awaited(Context& context);

/// Names of the probes that the plan's changes answer for.
std::vector<std::string> answering_probes(const plan::Plan& plan);

/// What there was to reach this host by, and what of it has gone since; nothing below --root.
class Reachability {
 public:
  explicit Reachability(Context& context);
  std::vector<apply::Reason> lost() const;

 private:
  Context& context_;
  bool had_address_ = false;
  bool had_route_ = false;
};

}  // namespace timectl::cli
