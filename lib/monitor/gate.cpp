// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/gate.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "rtc/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

namespace timectl::monitor {

namespace {

using probe::Finding;
using probe::Verdict;
using system::RootedPath;

using namespace std::chrono_literals;

constexpr std::size_t most_entries = 6;
constexpr auto entries_span = 1h;
constexpr auto drop_in_name = "ntp-environment.conf";
constexpr std::array ours{"CONSERVE_POWER=", "NTP_SYNCED=", "NTP_SERVER="};

RootedPath leftover_path(const std::string& unit) {
  return RootedPath{"/etc/systemd/system"} / (unit + ".d") / drop_in_name;
}

bool is_ours(const std::string& variable) {
  return std::any_of(ours.begin(), ours.end(),
                     [&](const char* name) { return variable.starts_with(name); });
}

/// Our variables among `environment`, in one order.
std::vector<std::string> our_part(const std::vector<std::string>& environment) {
  std::vector<std::string> part;
  std::copy_if(environment.begin(), environment.end(), std::back_inserter(part), is_ours);
  std::sort(part.begin(), part.end());
  return part;
}

std::vector<std::string> variables_of(const std::string& drop_in) {
  constexpr std::string_view key = "Environment=";
  std::vector<std::string> variables;
  for (const auto& line : lines_of(drop_in)) {
    if (line.starts_with(key)) variables.push_back(line.substr(key.size()));
  }
  return our_part(variables);
}

bool has_loaded(const system::UnitState& state, const std::string& path) {
  return std::find(state.drop_in_paths.begin(), state.drop_in_paths.end(), path) !=
         state.drop_in_paths.end();
}

/// Has systemd loaded something else than the drop-in is to say?
bool is_stale(const GateSight& sight, const std::string& text) {
  if (text.empty()) return has_loaded(sight.state, drop_in_path(sight.unit).text());
  return our_part(sight.state.environment) != variables_of(text);
}

void add_problem(Tick& tick, const std::string& summary, const Error& error) {
  tick.findings.push_back(
      {"controller.environment", Verdict::failed, summary, {}, error.what(), error.hint()});
  tick.could_act = false;
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

std::optional<Finding> objection_to(const GateSight& sight) {
  const auto warn = [&](const std::string& summary, const std::string& remedy) {
    return Finding{"controller.environment", Verdict::warning, summary, {}, "", remedy};
  };
  if (!sight.problem.empty()) {
    return Finding{"controller.environment",
                   Verdict::failed,
                   "systemd could not be asked",
                   {},
                   sight.problem,
                   "see whether systemd and D-Bus work: systemctl status"};
  }
  if (!sight.state.exists()) {
    return warn(fmt::format("{} does not exist: there is nothing to gate", sight.unit),
                "install it, or correct the controller's unit in the profile");
  }
  if (sight.state.is_masked()) {
    return warn(fmt::format("{} is masked: there is nothing to gate", sight.unit),
                fmt::format("systemctl unmask {}", sight.unit));
  }
  return std::nullopt;
}

void report_leftover(const GateSight& sight, Tick& tick) {
  if (!sight.is_masked_by_leftover) return;
  const auto path = leftover_path(sight.unit).text();
  tick.findings.push_back({"controller.environment",
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
    rtc::replace_file(files, path, decision.text);
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

/// Where the process cannot be looked at, only a change of ours is a reason.
bool restart_is_due(const GateSight& sight, const GateDecision& decision, const State& state) {
  if (sight.process_environment) return needs_restart(sight, decision, state);
  return sight.state.is_active() && decision.reload;
}

/// What systemd will have loaded once the decision is carried out, as far as can be foretold.
GateSight foretell(GateSight sight, const GateDecision& decision) {
  if (!decision.reload || sight.is_masked_by_leftover) return sight;
  auto& environment = sight.state.environment;
  environment.erase(std::remove_if(environment.begin(), environment.end(), is_ours),
                    environment.end());
  for (const auto& variable : variables_of(decision.text)) environment.push_back(variable);
  return sight;
}

/// The run that a restart of ours began, also when the tick that asked for it was killed meanwhile.
void adopt_run(const system::UnitState& controller, State& state) {
  const auto& run = controller.invocation_id;
  if (state.restarting_from.empty() || run.empty() || run == state.restarting_from) return;
  state.restarted_invocation = run;
  state.restarting_from.clear();
}

void note_restart(const GateSight& sight, const GateDecision& decision,
                  std::chrono::nanoseconds now, State& state) {
  state.restarting_from = sight.state.invocation_id;
  state.restarted_invocation.clear();
  state.restarted_environment = decision.text;
  auto& entries = state.entries;
  entries.erase(std::remove_if(entries.begin(), entries.end(),
                               [&](auto entry) { return now - entry >= entries_span; }),
                entries.end());
  if (!decision.text.empty()) entries.push_back(now);
}

void restart(const GateSight& sight, const GateDecision& decision, const Ports& ports, State& state,
             Tick& tick) {
  note_restart(sight, decision, ports.look.clock.since_boot(), state);
  attempt(tick, "what was done could not be noted", [&] { write_state(ports.files, state); });
  tick.actions.push_back(fmt::format("restart {}", sight.unit));
  tick.restarted = attempt(tick, fmt::format("{} could not be restarted", sight.unit),
                           [&] { ports.services.try_restart(sight.unit); });
  if (!tick.restarted) return;
  attempt(tick, "systemd could not be asked",
          [&] { adopt_run(ports.services.state(sight.unit), state); });
}

/// Has a restlessly coming and going server had the controller restarted often enough?
bool is_capped(const GateSight& sight, const GateDecision& decision, const State& state,
               std::chrono::nanoseconds now) {
  const auto recent = std::count_if(state.entries.begin(), state.entries.end(),
                                    [&](auto entry) { return now - entry < entries_span; });
  return !decision.text.empty() && recent >= static_cast<std::ptrdiff_t>(most_entries) &&
         restart_is_due(foretell(sight, decision), decision, state);
}

/// What is to be done, the cap on restarts considered.
GateDecision decide_calmly(const GateSight& sight, const std::optional<std::string>& server,
                           const State& state, std::chrono::nanoseconds now, Tick& tick) {
  auto decision = decide_gate(sight, server);
  if (!is_capped(sight, decision, state, now)) return decision;
  tick.findings.push_back({"controller.environment",
                           Verdict::warning,
                           fmt::format("{} saves no power for now: it was restarted {} times in an "
                                       "hour to save some",
                                       sight.unit, most_entries),
                           {},
                           "the site's server comes and goes",
                           "journalctl -u timectl-monitor.service says what it was each minute"});
  return decide_gate(sight, std::nullopt);
}

void report_override(const GateSight& sight, const GateDecision& decision, const State& state,
                     Tick& tick) {
  const bool differs = sight.state.is_active() && sight.process_environment &&
                       our_part(*sight.process_environment) != our_part(sight.state.environment);
  if (!differs || needs_restart(sight, decision, state)) return;
  tick.findings.push_back({"controller.environment",
                           Verdict::warning,
                           fmt::format("{} runs with another environment than its unit says "
                                       "although it was restarted",
                                       sight.unit),
                           {},
                           "an EnvironmentFile= or the program itself overrides it",
                           fmt::format("systemctl cat {}", sight.unit)});
}

}  // namespace

RootedPath drop_in_path(const std::string& unit) {
  return RootedPath{"/run/systemd/system"} / (unit + ".d") / drop_in_name;
}

std::string drop_in_text(const std::string& server) {
  return fmt::format(
      "[Service]\nEnvironment=CONSERVE_POWER=1\nEnvironment=NTP_SYNCED=true\n"
      "Environment=NTP_SERVER={}\n",
      server);
}

GateSight observe_gate(const std::string& unit, const system::FileReader& files,
                       const system::ServiceReader& services) {
  GateSight sight;
  sight.unit = unit;
  if (const auto file = files.read(drop_in_path(unit))) sight.drop_in = file->content;
  sight.is_masked_by_leftover = files.status(leftover_path(unit)).has_value();
  try {
    sight.state = services.state(unit);
  } catch (const Error& error) {
    sight.problem = error.what();
  }
  if (sight.state.main_pid == 0) return sight;
  try {
    sight.process_environment = services.process_environment(unit);
  } catch (const Error&) {
    // Another user's environment needs privileges; without them only our own changes restart it.
  }
  return sight;
}

GateDecision decide_gate(const GateSight& sight, const std::optional<std::string>& server) {
  GateDecision decision;
  if (server) decision.text = drop_in_text(*server);
  if (server && sight.drop_in != decision.text) decision.file = FileStep::write;
  if (!server && sight.drop_in) decision.file = FileStep::remove;
  decision.reload = decision.file != FileStep::keep ||
                    (sight.state.needs_daemon_reload && is_stale(sight, decision.text));
  return decision;
}

bool needs_restart(const GateSight& sight, const GateDecision& decision, const State& state) {
  if (!sight.state.is_active() || !sight.process_environment) return false;
  if (our_part(*sight.process_environment) == our_part(sight.state.environment)) return false;
  return sight.state.invocation_id != state.restarted_invocation ||
         decision.text != state.restarted_environment;
}

void gate_controller(const std::string& unit, const std::optional<std::string>& server,
                     const Ports& ports, DryRun dry_run, State& state, Tick& tick) {
  state.controller = unit;
  GateSight sight = observe_gate(unit, ports.files, ports.services);
  const auto objection = objection_to(sight);
  if (objection) tick.findings.push_back(*objection);
  if (!sight.problem.empty()) tick.could_act = false;
  report_leftover(sight, tick);
  adopt_run(sight.state, state);
  const auto decision = decide_calmly(sight, objection ? std::nullopt : server, state,
                                      ports.look.clock.since_boot(), tick);
  tick.saving = !decision.text.empty();
  tick.changed = decision.file != FileStep::keep;
  note_steps(decision, unit, tick);
  if (dry_run == DryRun::yes) {
    if (!objection && restart_is_due(foretell(sight, decision), decision, state)) {
      tick.actions.push_back(fmt::format("restart {}", unit));
    }
    return;
  }
  change_file(decision, unit, ports.files);
  if (decision.reload) {
    const bool reloaded =
        attempt(tick, "systemd did not reload its units", [&] { ports.services.daemon_reload(); });
    if (!reloaded) return;
    sight = observe_gate(unit, ports.files, ports.services);
  }
  if (objection) return;
  report_override(sight, decision, state, tick);
  if (restart_is_due(sight, decision, state)) restart(sight, decision, ports, state, tick);
}

}  // namespace timectl::monitor
