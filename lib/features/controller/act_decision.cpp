// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/controller/act_decision.hpp"

#include "base/error.hpp"
#include "probe/masked.hpp"
#include "probe/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace timectl::features {

using monitor::State;

namespace {

using controller::drop_in_path;
using controller::old_drop_in_path;
using controller::our_part;
using controller::variables_of;
using probe::Finding;
using probe::Verdict;

bool has_loaded(const system::UnitState& state, const std::string& path) {
  return std::find(state.drop_in_paths.begin(), state.drop_in_paths.end(), path) !=
         state.drop_in_paths.end();
}

/// Is the drop-in there and not loaded, or loaded and not there? systemd itself does not say so
/// (NeedDaemonReload) of one in a directory that it has not seen at its last reload: it asks a
/// cache of the directories of then (unit_path_cache, src/core/manager.c).
bool is_unnoticed(const ControllerView& sight, const std::string& text) {
  const bool is_loaded = has_loaded(sight.state, drop_in_path(sight.unit).text());
  return text.empty() ? is_loaded : !is_loaded && !sight.is_hidden_by_old_drop_in;
}

/// Has systemd loaded something else than the drop-in is to say?
bool is_stale(const ControllerView& sight, const std::string& text) {
  if (text.empty()) return has_loaded(sight.state, drop_in_path(sight.unit).text());
  return our_part(sight.state.environment, sight.names) != variables_of(text);
}

/// systemd gives each run its INVOCATION_ID. Without it the environment says nothing: a program may
/// have written its title over it (setproctitle(3)), or it is another run's by now.
bool is_of_run(const profile::Environment& environment, const std::string& invocation) {
  return std::find(environment.begin(), environment.end(), "INVOCATION_ID=" + invocation) !=
         environment.end();
}

}  // namespace

ControllerView observe_controller(const std::string& unit, const system::FileReader& files,
                                  const system::ServiceReader& services) {
  ControllerView sight;
  sight.unit = unit;
  if (const auto file = files.read(drop_in_path(unit))) sight.drop_in = file->content;
  sight.is_hidden_by_old_drop_in = files.status(old_drop_in_path(unit)).has_value();
  try {
    sight.state = services.state(unit);
  } catch (const Error& error) {
    sight.problem = error.what();
  }
  if (sight.state.main_pid == 0) return sight;
  try {
    auto environment = services.process_environment(sight.state.main_pid);
    if (is_of_run(environment, sight.state.invocation_id)) {
      sight.process_environment = std::move(environment);
    }
  } catch (const Error& error) {
    // Another user's environment needs privileges; without them only our own changes restart it.
    if (error.kind() != ErrorKind::permission) sight.unreadable = error.what();
  }
  return sight;
}

std::optional<Finding> objection_to(const ControllerView& sight) {
  const auto warn = [&](const std::string& summary, const std::string& remedy) {
    return Finding{probe::row::controller_environment, Verdict::warning, summary, {}, "", remedy};
  };
  if (!sight.problem.empty()) {
    return Finding{probe::row::controller_environment,
                   Verdict::failed,
                   "systemd could not be asked",
                   {},
                   sight.problem,
                   "see whether systemd and D-Bus work: systemctl status"};
  }
  if (!sight.state.exists()) {
    return warn(fmt::format("{} does not exist: power saving cannot be allowed", sight.unit),
                "install it, or correct the controller's unit in the profile");
  }
  if (sight.state.is_masked()) {
    return warn(fmt::format("{} is masked: power saving cannot be allowed", sight.unit),
                probe::unmask_command(sight.unit, sight.state));
  }
  return std::nullopt;
}

DropInDecision decide_drop_in(const ControllerView& sight, const std::string& text) {
  DropInDecision decision;
  decision.text = text;
  if (!text.empty() && sight.drop_in != text) decision.file = FileStep::write;
  if (text.empty() && sight.drop_in) decision.file = FileStep::remove;
  decision.reload = decision.file != FileStep::keep || is_unnoticed(sight, text) ||
                    (sight.state.needs_daemon_reload && is_stale(sight, text));
  return decision;
}

bool needs_restart(const ControllerView& sight, const DropInDecision& decision,
                   const State& state) {
  if (!sight.state.is_active() || !sight.process_environment) return false;
  const auto has = our_part(*sight.process_environment, sight.names);
  if (has == our_part(sight.state.environment, sight.names)) return false;
  if (state.overriding == has && decision.text == state.restarted_environment) return false;
  return sight.state.invocation_id != state.restarted_invocation ||
         decision.text != state.restarted_environment;
}

bool restart_is_due(const ControllerView& sight, const DropInDecision& decision,
                    const State& state) {
  if (sight.process_environment) return needs_restart(sight, decision, state);
  const bool goes_on =
      !state.restarting_from.empty() && state.restarting_from == sight.state.invocation_id;
  return sight.state.is_active() && (decision.reload || goes_on);
}

ControllerView predict(ControllerView sight, const DropInDecision& decision) {
  if (!decision.reload || sight.is_hidden_by_old_drop_in) return sight;
  auto& environment = sight.state.environment;
  environment.erase(std::remove_if(environment.begin(), environment.end(),
                                   [&](const std::string& variable) {
                                     return controller::is_ours(variable, sight.names);
                                   }),
                    environment.end());
  for (const auto& variable : variables_of(decision.text)) environment.push_back(variable);
  return sight;
}

bool begins(const ControllerView& sight, const DropInDecision& decision, const State& state) {
  if (decision.text.empty()) return false;
  return sight.drop_in != decision.text ||
         restart_is_due(predict(sight, decision), decision, state);
}

}  // namespace timectl::features
