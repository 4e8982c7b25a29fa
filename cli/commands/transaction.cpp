// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "commands/transaction.hpp"

#include "commands/confirmation.hpp"
#include "interruption.hpp"
#include "plan/started.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::cli {

using apply::Outcome;
using apply::OutcomeKind;
using namespace std::chrono_literals;

namespace {

constexpr auto health_deadline = 10s;
constexpr auto health_pause = 500ms;
// What dies of its configuration does so in its first seconds.
constexpr auto first_seconds = 2s;

std::vector<std::string> units_down(Context& context, const std::vector<std::string>& started) {
  std::vector<std::string> reasons;
  for (const auto& unit : started) {
    const auto reason = plan::why_down(unit, context.services().state(unit));
    if (reason) reasons.push_back(*reason);
  }
  return reasons;
}

/// Daemons need a moment to open their ports; what still fails after that is a reason.
std::vector<std::string> wait_for_health(Context& context, const std::vector<std::string>& started,
                                         const Conduct& conduct, const Interruption& interruption) {
  if (context.is_offline()) return {};
  context.report().note("checks the daemons");
  if (!started.empty()) context.clock().sleep(first_seconds);
  const auto start = context.clock().since_boot();
  for (;;) {
    auto reasons = conduct.reasons();
    const auto down = units_down(context, started);
    reasons.insert(reasons.end(), down.begin(), down.end());
    interruption.check();
    if (reasons.empty() || context.clock().since_boot() - start > health_deadline) return reasons;
    context.clock().sleep(health_pause);
  }
}

bool has_address(Context& context) {
  const auto interfaces = context.network().interfaces();
  return std::any_of(interfaces.begin(), interfaces.end(), [](const auto& interface) {
    return interface.is_up && !interface.is_loopback && !interface.addresses.empty();
  });
}

}  // namespace

Outcome run_transaction(Context& context, const plan::Plan& plan, apply::Machine& machine,
                        const Conduct& conduct) {
  const Interruption interruption;
  const apply::Progress progress = [&](const std::string& step) {
    context.report().note(step);
    interruption.check();
  };
  auto started = plan::started_units(plan);
  apply::Terms terms{.recovery_unit = context.recovery_unit(),
                     .watch = watch_over(context),
                     .confirm_within = conduct.confirm_within,
                     .arm = arm_alarm(context)};
  if (conduct.replan) {
    terms.replan = [&] {
      auto again = conduct.replan();
      started = plan::started_units(again);
      return again;
    };
  }
  const apply::Health health = [&] {
    return wait_for_health(context, started, conduct, interruption);
  };
  auto outcome = apply::apply_plan(plan, machine, health, progress, terms);
  end_watch(context, outcome.generation);
  return outcome;
}

void throw_unless_applied(Context& context, const Outcome& outcome, const std::string& what) {
  for (const auto& note : outcome.notes) context.report().note(note);
  for (const auto& problem : outcome.problems) context.report().warning(problem);
  if (outcome.kind == OutcomeKind::incomplete) {
    throw Error{ErrorKind::incomplete,
                fmt::format("cannot {}: {}; not everything of '{}' could be put back", what,
                            outcome.reason, outcome.generation),
                "timectl recover tries again"};
  }
  if (outcome.kind == OutcomeKind::restored) {
    throw Error{ErrorKind::restored,
                fmt::format("cannot {}: {}; everything is as it was before", what, outcome.reason)};
  }
}

bool recover_first(Context& context, apply::Machine& machine) {
  if (!apply::find_interrupted(context.files())) return false;
  const Interruption held_back;
  const auto outcome =
      apply::recover(machine, [&](const std::string& step) { context.report().note(step); });
  for (const auto& note : outcome.notes) context.report().note(note);
  for (const auto& problem : outcome.problems) context.report().warning(problem);
  if (outcome.kind == OutcomeKind::incomplete) {
    throw Error{ErrorKind::incomplete,
                fmt::format("cannot recover: {}; not everything of '{}' could be put back",
                            outcome.reason, outcome.generation),
                "timectl recover tries again"};
  }
  context.report().note(fmt::format("{} is undone", outcome.generation));
  return true;
}

std::vector<std::string> reasons_among(const std::vector<probe::Finding>& findings) {
  std::vector<std::string> reasons;
  for (const auto& finding : findings) {
    const bool counts =
        finding.verdict == probe::Verdict::failed && probe::answers_for_change(finding.probe);
    if (counts) reasons.push_back(fmt::format("{}: {}", finding.probe, finding.summary));
  }
  return reasons;
}

std::vector<std::string> answering_probes() {
  std::vector<std::string> names;
  for (const auto& candidate : probe::all_probes()) {
    if (probe::answers_for_change(candidate.name)) names.push_back(candidate.name);
  }
  return names;
}

Reachability::Reachability(Context& context) : context_(context) {
  if (context.is_offline()) return;
  had_address_ = has_address(context);
  had_route_ = context.network().default_route_interface().has_value();
}

std::vector<std::string> Reachability::lost() const {
  std::vector<std::string> reasons;
  if (had_address_ && !has_address(context_)) {
    reasons.emplace_back("no interface has an address any more");
  }
  if (had_route_ && !context_.network().default_route_interface()) {
    reasons.emplace_back("the default route is gone");
  }
  return reasons;
}

}  // namespace timectl::cli
