// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/gate.hpp"

#include "base/error.hpp"
#include "controller/contract.hpp"
#include "monitor/calm.hpp"
#include "monitor/rows.hpp"
#include "probe/rows.hpp"
#include "system/replace_file.hpp"

#include <fmt/format.h>

#include <functional>
#include <utility>

namespace timectl::monitor {

namespace {

using controller::drop_in_path;
using controller::leftover_path;
using controller::our_part;
using controller::variables_of;
using probe::Verdict;
using system::RootedPath;

void mark_given(const std::string& unit, system::FileStore& files) {
  const auto file = files.read(given_path());
  if (!file || file->content != unit + "\n") system::replace_file(files, given_path(), unit + "\n");
}

void unmark_given(system::FileStore& files) {
  if (files.status(given_path())) files.remove(given_path());
}

void add_problem(Tick& tick, const std::string& summary, const Error& error) {
  tick.findings.push_back({probe::row::controller_environment,
                           Verdict::failed,
                           summary,
                           {},
                           error.what(),
                           error.hint()});
  tick.could_act = tick.could_gate = false;
}

/// Runs one step on the controller; what systemd answers is a finding.
bool attempt(Tick& tick, const std::string& summary, const std::function<void()>& step) {
  try {
    step();
    return true;
  } catch (const Error& error) {
    add_problem(tick, summary, error);
    return false;
  }
}

void report_leftover(const GateSight& sight, Tick& tick) {
  if (!sight.is_masked_by_leftover) return;
  const auto path = leftover_path(sight.unit).text();
  tick.findings.push_back({probe::row::controller_environment,
                           Verdict::failed,
                           fmt::format("'{}' hides timectl's drop-in of the same name", path),
                           {},
                           "an older script left it behind; it holds whatever the time is",
                           fmt::format("remove it, then: systemctl daemon-reload && systemctl "
                                       "try-restart {}",
                                       sight.unit)});
}

void change_file(const GateDecision& decision, const std::string& unit, system::FileStore& files) {
  const auto path = drop_in_path(unit);
  if (decision.file == FileStep::write) {
    system::replace_file(files, path, decision.text);
  } else if (decision.file == FileStep::remove) {
    files.remove(path);
    files.sync_directory(path.parent());
    files.remove_directory_if_empty(path.parent());
  }
}

void note_steps(const GateDecision& decision, const std::string& unit, Tick& tick) {
  if (decision.file == FileStep::write) {
    tick.actions.push_back(fmt::format("write {}", drop_in_path(unit).text()));
  }
  if (decision.file == FileStep::remove) {
    tick.actions.push_back(fmt::format("remove {}", drop_in_path(unit).text()));
  }
  if (decision.reload) tick.actions.emplace_back("reload systemd's units");
}

/// The run that a restart of ours began, also when the tick that asked for it was killed meanwhile.
void adopt_run(const system::UnitState& controller, State& state) {
  const auto& run = controller.invocation_id;
  if (state.restarting_from.empty() || run.empty() || run == state.restarting_from) return;
  state.restarted_invocation = run;
  state.restarting_from.clear();
}

void note_restart(const GateSight& sight, const GateDecision& decision, const CalmRules& rules,
                  std::chrono::nanoseconds now, State& state) {
  state.restarting_from = sight.state.invocation_id;
  state.restarted_invocation.clear();
  state.restarted_environment = decision.text;
  state.overriding.reset();
  note_own_restart(state, rules, now);
}

void restart(const GateSight& sight, const GateDecision& decision, const CalmRules& rules,
             const Ports& ports, State& state, Tick& tick) {
  note_restart(sight, decision, rules, ports.look.clock.since_boot(), state);
  attempt(tick, "what was done could not be noted", [&] { write_state(ports.files, state); });
  tick.actions.push_back(fmt::format("restart {}", sight.unit));
  tick.restarted = attempt(tick, fmt::format("{} could not be restarted", sight.unit), [&] {
    // Whatever started it so often: it is not a restart of ours that systemd may refuse, which
    // would leave the unit failed.
    if (rules.start_limit_burst > 0) ports.services.reset_failed(sight.unit);
    // Not waited for: a controller may take longer to stop than a tick may last.
    ports.services.enqueue("try-restart", sight.unit);
  });
}

void report_delay(const Delay& delay, const std::string& unit, std::chrono::nanoseconds now,
                  Tick& tick) {
  const auto summary = fmt::format("{} saves no power for another {}: {}", unit,
                                   format_span(delay.until - now), delay.reason);
  if (delay.is_grace) {
    tick.seen.push_back(summary);
    return;
  }
  tick.delayed = true;
  tick.alerts.emplace_back(row::controller_calm.name);
  tick.findings.push_back({row::controller_calm,
                           Verdict::warning,
                           summary,
                           {},
                           "the site's server comes and goes",
                           "journalctl -u timectl-monitor.service says what it was each minute"});
}

/// What is to be done; what speaks against beginning is considered.
GateDecision decide_calmly(const GateSight& sight, const std::string& text, const CalmRules& rules,
                           const State& state, std::chrono::nanoseconds now, Tick& tick) {
  auto decision = decide_gate(sight, text);
  if (!begins(sight, decision, state)) return decision;
  const auto delay = delay_of_saving(state, rules, now);
  if (!delay) return decision;
  report_delay(*delay, sight.unit, now, tick);
  return decide_gate(sight, "");
}

void report_override(const GateSight& sight, const GateDecision& decision, State& state,
                     Tick& tick) {
  const bool differs = sight.state.is_active() && sight.process_environment &&
                       our_part(*sight.process_environment, sight.names) !=
                           our_part(sight.state.environment, sight.names);
  if (!differs || needs_restart(sight, decision, state)) return;
  state.overriding = our_part(*sight.process_environment, sight.names);
  tick.findings.push_back({probe::row::controller_environment,
                           Verdict::warning,
                           fmt::format("{} runs with another environment than its unit says "
                                       "although it was restarted",
                                       sight.unit),
                           {},
                           "an EnvironmentFile= or the program itself overrides it",
                           fmt::format("systemctl cat {}", sight.unit)});
}

/// The controller as it is, and what of its environment is ours.
GateSight look_at(const profile::ControllerFeature& controller, const Ports& ports, State& state) {
  state.controller = controller.unit;
  auto sight = observe_gate(controller.unit, ports.files, ports.services);
  auto& names = state.names;
  const auto levels = controller::names_of(controller.levels);
  names.insert(names.end(), levels.begin(), levels.end());
  controller::add_names(variables_of(sight.drop_in.value_or("")), names);
  sight.names = names;
  return sight;
}

/// The fail-safe units, or a person, took power saving away since the last tick.
void notice_taken_away(const GateSight& sight, const CalmRules& rules, std::chrono::nanoseconds now,
                       State& state) {
  if (state.given.empty() || sight.drop_in) return;
  state.given.clear();
  // What runs now was started without it, by somebody else.
  state.restarted_invocation.clear();
  state.restarting_from.clear();
  note_loss(state, now);
  note_own_restart(state, rules, now);
}

void note_given(const GateDecision& decision, std::chrono::nanoseconds now, State& state) {
  if (decision.file == FileStep::remove) note_loss(state, now);
  state.given = decision.text;
}

void report_objection(const GateSight& sight, Tick& tick) {
  if (const auto objection = objection_to(sight)) tick.findings.push_back(*objection);
  if (!sight.problem.empty()) tick.could_act = tick.could_gate = false;
  if (sight.unreadable.empty()) return;
  tick.findings.push_back({probe::row::controller_environment,
                           Verdict::unknown,
                           fmt::format("the environment of {} is not known", sight.unit),
                           {},
                           sight.unreadable,
                           fmt::format("systemctl restart {}", sight.unit)});
}

/// Has systemd and the running controller follow the file. False when that is not over yet.
bool follow_up(GateSight sight, const GateDecision& decision,
               const profile::ControllerFeature& controller, const CalmRules& rules,
               const Ports& ports, State& state, Tick& tick) {
  if (decision.reload) {
    const bool reloaded =
        attempt(tick, "systemd did not reload its units", [&] { ports.services.daemon_reload(); });
    if (!reloaded) return false;
    const bool could_be_asked = sight.problem.empty();
    sight = look_at(controller, ports, state);
    if (could_be_asked && !sight.problem.empty()) report_objection(sight, tick);
  }
  if (objection_to(sight)) return sight.problem.empty();
  report_override(sight, decision, state, tick);
  if (!restart_is_due(sight, decision, state)) return true;
  restart(sight, decision, rules, ports, state, tick);
  return tick.restarted;
}

}  // namespace

RootedPath given_path() { return RootedPath{"/run/timectl/given"}; }

void gate_controller(const profile::ControllerFeature& controller, const std::string& text,
                     const Ports& ports, DryRun dry_run, State& state, Tick& tick) {
  const auto& unit = controller.unit;
  const auto now = ports.look.clock.since_boot();
  const auto sight = look_at(controller, ports, state);
  const auto rules = calm_rules(controller, sight.state);
  const auto objection = objection_to(sight);
  report_objection(sight, tick);
  report_leftover(sight, tick);
  adopt_run(sight.state, state);
  notice_taken_away(sight, rules, now, state);
  const auto decision = decide_calmly(sight, objection ? "" : text, rules, state, now, tick);
  tick.saving = !decision.text.empty();
  tick.changed = decision.file != FileStep::keep;
  note_steps(decision, unit, tick);
  if (dry_run == DryRun::yes) {
    if (!objection && restart_is_due(foretell(sight, decision), decision, state)) {
      tick.actions.push_back(fmt::format("restart {}", unit));
    }
    return;
  }
  if (!decision.text.empty()) mark_given(unit, ports.files);
  change_file(decision, unit, ports.files);
  note_given(decision, now, state);
  const bool over = follow_up(sight, decision, controller, rules, ports, state, tick);
  if (over && decision.text.empty()) unmark_given(ports.files);
}

}  // namespace timectl::monitor
