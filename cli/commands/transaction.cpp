// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "commands/transaction.hpp"

#include "commands/confirmation.hpp"
#include "features/feature.hpp"
#include "interruption.hpp"
#include "monitor/handover.hpp"
#include "plan/started.hpp"
#include "probe/rows.hpp"
#include "rtc/boot_state.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::cli {

using apply::OutcomeKind;
using apply::Reason;
using namespace std::chrono_literals;

namespace {

// What dies of its configuration does so in its first seconds.
constexpr auto first_seconds = 2s;
// dhcpcd probes for five seconds whether the address is in use; a Pi Zero takes its time as well.
constexpr auto network_patience = 30s;

std::vector<Reason> units_down(Context& context, const std::vector<std::string>& started) {
  std::vector<Reason> reasons;
  for (const auto& unit : started) {
    const auto state = context.services().state(unit);
    const auto reason = plan::why_down(unit, state);
    if (!reason) continue;
    const auto words = context.services().last_words(state);
    reasons.push_back({words.empty() ? *reason : fmt::format("{}: \"{}\"", *reason, words)});
  }
  return reasons;
}

/// What is still a reason when the patience with one of them has come to its end.
std::vector<Reason> wait_for_health(Context& context, const std::vector<std::string>& started,
                                    const TransactionOptions& options,
                                    const Interruption& interruption) {
  if (context.is_offline()) return {};
  context.report().note("checks the daemons");
  if (!started.empty()) context.clock().sleep(first_seconds);
  return apply::wait_for_health(
      [&] {
        auto reasons = options.reasons();
        const auto down = units_down(context, started);
        reasons.insert(reasons.end(), down.begin(), down.end());
        interruption.check();
        return reasons;
      },
      context.clock());
}

/// Texts for apply; `hint` goes into the error.
std::vector<std::string> texts_of(const std::vector<Reason>& reasons, std::string& hint) {
  std::vector<std::string> texts;
  for (const auto& reason : reasons) {
    texts.push_back(reason.text);
    if (!reason.hint.empty()) hint = reason.hint;
  }
  return texts;
}

/// What stands between quotation marks: a daemon's line.
std::string quoted_in(const std::string& reason) {
  const auto first = reason.find('"');
  const auto last = reason.rfind('"');
  return first == last ? "" : reason.substr(first + 1, last - first - 1);
}

/// Says what a rehearsal would have said: which daemon, its line, and what to do about that. Any
/// other line is not of the daemon's files.
void explain_refusal(std::string& reason, std::string& hint) {
  const auto line = quoted_in(reason);
  const bool is_of_files =
      line.find("Fatal error") != std::string::npos || line.find(" at line ") != std::string::npos;
  if (!is_of_files) return;
  for (const auto& rehearsal : features::rehearsals()) {
    if (rehearsal.daemon == nullptr) continue;
    if (reason.find(rehearsal.daemon->unit) == std::string::npos) continue;
    reason = fmt::format("{} does not start with its files: {}", rehearsal.daemon->program, reason);
    hint = rehearse::remedy_for(line);
    return;
  }
}

bool changes_network(const plan::Plan& plan) {
  return std::any_of(plan.changes.begin(), plan.changes.end(), [](const plan::Change& change) {
    const auto* const reaction = std::get_if<plan::ReactionChange>(&change);
    return reaction != nullptr && reaction->reaction.kind == target::ReactionKind::network_reload;
  });
}

bool has_address(Context& context) {
  const auto interfaces = context.network().interfaces();
  return std::any_of(interfaces.begin(), interfaces.end(), [](const auto& interface) {
    return interface.is_up && !interface.is_loopback && !interface.addresses.empty();
  });
}

}  // namespace

Result run_transaction(Context& context, const plan::Plan& plan, apply::Machine& machine,
                       const TransactionOptions& options) {
  const Interruption interruption;
  const apply::Progress progress = [&](const std::string& step) {
    context.report().note(step);
    interruption.check();
  };
  auto started = plan::started_units(plan);
  apply::Terms terms{.recovery_unit = context.recovery_unit(),
                     .watch = watch_over(context),
                     .confirm_within = options.confirm_within,
                     .plan_undo = set_alarm(context)};
  if (options.replan) {
    terms.replan = [&] {
      auto again = options.replan();
      started = plan::started_units(again);
      return again;
    };
  }
  std::string hint;
  const apply::Health health = [&] {
    return texts_of(wait_for_health(context, started, options, interruption), hint);
  };
  auto outcome = apply::apply_plan(plan, machine, health, progress, terms);
  // What could not be put back is tried again by the watch.
  if (outcome.kind != OutcomeKind::incomplete) end_watch(context, outcome.generation);
  if (hint.empty()) hint = outcome.hint;
  if (outcome.kind == OutcomeKind::restored) explain_refusal(outcome.reason, hint);
  return {std::move(outcome), std::move(hint)};
}

void throw_unless_applied(Context& context, const Result& result, const std::string& what) {
  const auto& outcome = result.outcome;
  for (const auto& note : outcome.notes) context.report().note(note);
  for (const auto& problem : outcome.problems) context.report().warning(problem);
  if (outcome.kind == OutcomeKind::incomplete) {
    throw Error{ErrorKind::incomplete,
                fmt::format("cannot {}: {}; not everything of '{}' could be restored", what,
                            outcome.reason, outcome.generation),
                "timectl recover tries again"};
  }
  if (outcome.kind == OutcomeKind::restored) {
    throw Error{ErrorKind::restored,
                fmt::format("cannot {}: {}; everything is as it was before", what, outcome.reason),
                result.hint};
  }
}

void withdraw_from_controller(Context& context, const std::string& next) {
  if (context.is_offline()) return;
  try {
    const auto readers = context.probe_ports();
    const auto tick = monitor::withdraw_from_controller(
        {readers, context.files(), context.services(), context.daemons(), context.rtc_writer(),
         context.events()},
        features::steps(), next);
    for (const auto& action : tick.actions) context.report().note(action);
    for (const auto& finding : tick.findings) context.report().warning(finding.summary);
  } catch (const Error& error) {
    context.report().warning(error);
  }
}

bool recover_first(Context& context, apply::Machine& machine) {
  if (!apply::find_interrupted(context.files())) return false;
  const Interruption held_back;
  const auto outcome =
      apply::recover(machine, [&](const std::string& step) { context.report().note(step); });
  for (const auto& note : outcome.notes) context.report().note(note);
  for (const auto& problem : outcome.problems) context.report().warning(problem);
  for (const auto& loss : outcome.losses) context.report().warning(loss);
  if (outcome.kind == OutcomeKind::incomplete) {
    throw Error{ErrorKind::incomplete,
                fmt::format("cannot recover: {}; not everything of '{}' could be restored",
                            outcome.reason, outcome.generation),
                "timectl recover tries again"};
  }
  end_watch(context, outcome.generation);
  context.report().note(fmt::format("{} is rolled back", outcome.generation));
  return true;
}

std::vector<Reason> reasons_among(const std::vector<probe::Finding>& findings) {
  std::vector<Reason> reasons;
  for (const auto& finding : findings) {
    const bool counts =
        finding.verdict == probe::Verdict::failed && probe::answers_for_change(finding.probe);
    if (!counts) continue;
    Reason reason{fmt::format("{}: {}", finding.probe.text(), finding.summary)};
    // The other remedies are for a machine that is left in this state.
    if (finding.probe == probe::row::network_address) {
      reason.text += fmt::format(" ({})", finding.cause);
      reason.patience = network_patience;
      reason.hint = finding.remedy;
    }
    reasons.push_back(std::move(reason));
  }
  return reasons;
}

void note_reboot(Context& context) {
  try {
    rtc::note_awaited_reboot(context.files(), context.clock().boot_id());
  } catch (const Error& error) {
    context.report().warning(error);
  }
}

bool is_reboot_awaited(Context& context) {
  return rtc::read_boot_state(context.files(), context.clock().boot_id()).awaits_reboot;
}

std::vector<std::string> answering_probes(const plan::Plan& plan) {
  std::vector<std::string> names;
  for (const auto& candidate : features::probes()) {
    const bool is_meant = candidate.name != probe::row::network_address || changes_network(plan);
    if (is_meant && probe::answers_for_change(candidate.name))
      names.emplace_back(candidate.name.text());
  }
  return names;
}

Reachability::Reachability(Context& context) : context_(context) {
  if (context.is_offline()) return;
  had_address_ = has_address(context);
  had_route_ = context.network().default_route_interface().has_value();
}

std::vector<Reason> Reachability::lost() const {
  std::vector<Reason> reasons;
  if (had_address_ && !has_address(context_)) {
    reasons.push_back({"no interface has an address any more", network_patience});
  }
  if (had_route_ && !context_.network().default_route_interface()) {
    reasons.push_back({"the default route is gone", network_patience});
  }
  return reasons;
}

}  // namespace timectl::cli
