// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/controller/act_decision.hpp"

#include "base/error.hpp"
#include "features/controller/findings.hpp"
#include "probe/masked.hpp"

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

/// Is the drop-in there and not loaded, or loaded and not there? systemd itself does not say so
/// (NeedDaemonReload) of one in a directory that it has not seen at its last reload: it asks a
/// cache of the directories of then (unit_path_cache, src/core/manager.c).
bool is_unnoticed(const ControllerView& observed, const std::string& text) {
  const bool is_loaded = has_loaded_drop_in(observed);
  return text.empty() ? is_loaded : !is_loaded && !observed.is_hidden_by_old_drop_in;
}

/// Has systemd loaded something else than the drop-in is to say?
bool is_stale(const ControllerView& observed, const std::string& text) {
  if (text.empty()) return has_loaded_drop_in(observed);
  return our_part(observed.state.environment, observed.names) != variables_of(text);
}

/// systemd gives each run its INVOCATION_ID. Without it the environment says nothing: a program may
/// have written its title over it (setproctitle(3)), or it is another run's by now.
bool is_of_run(const profile::Environment& environment, const std::string& invocation) {
  return std::find(environment.begin(), environment.end(), "INVOCATION_ID=" + invocation) !=
         environment.end();
}

}  // namespace

bool has_loaded_drop_in(const ControllerView& observed) {
  const auto& paths = observed.state.drop_in_paths;
  return std::find(paths.begin(), paths.end(), drop_in_path(observed.unit).text()) != paths.end();
}

ControllerView observe_controller(const std::string& unit, const system::FileReader& files,
                                  const system::ServiceReader& services) {
  ControllerView observed;
  observed.unit = unit;
  if (const auto file = files.read(drop_in_path(unit))) observed.drop_in = file->content;
  observed.is_hidden_by_old_drop_in = files.status(old_drop_in_path(unit)).has_value();
  try {
    observed.state = services.state(unit);
  } catch (const Error& error) {
    observed.problem = error.what();
  }
  if (observed.state.main_pid == 0) return observed;
  try {
    auto environment = services.process_environment(observed.state.main_pid);
    if (is_of_run(environment, observed.state.invocation_id)) {
      observed.process_environment = std::move(environment);
    }
  } catch (const Error& error) {
    // Another user's environment needs privileges; without them only our own changes restart it.
    if (error.kind() != ErrorKind::permission) observed.unreadable = error.what();
  }
  return observed;
}

std::optional<Finding> objection_to(const ControllerView& observed) {
  const auto warn = [&](const std::string& summary, const std::string& remedy) {
    return Finding{row::controller_environment, Verdict::warning, summary, {}, "", remedy};
  };
  if (!observed.problem.empty()) {
    return Finding{row::controller_environment,
                   Verdict::failed,
                   "systemd could not be asked",
                   {},
                   observed.problem,
                   "see whether systemd and D-Bus work: systemctl status"};
  }
  if (!observed.state.exists()) {
    return warn(fmt::format("{} does not exist: power saving cannot be allowed", observed.unit),
                "install it, or correct the controller's unit in the profile");
  }
  if (observed.state.is_masked()) {
    return warn(fmt::format("{} is masked: power saving cannot be allowed", observed.unit),
                probe::unmask_command(observed.unit, observed.state));
  }
  return std::nullopt;
}

DropInDecision decide_drop_in(const ControllerView& observed, const std::string& text) {
  DropInDecision decision;
  decision.text = text;
  if (!text.empty() && observed.drop_in != text) decision.file = FileStep::write;
  if (text.empty() && observed.drop_in) decision.file = FileStep::remove;
  decision.reload = decision.file != FileStep::keep || is_unnoticed(observed, text) ||
                    (observed.state.needs_daemon_reload && is_stale(observed, text));
  return decision;
}

bool needs_restart(const ControllerView& observed, const DropInDecision& decision,
                   const State& state) {
  if (!observed.state.is_active() || !observed.process_environment) return false;
  const auto has = our_part(*observed.process_environment, observed.names);
  if (has == our_part(observed.state.environment, observed.names)) return false;
  if (state.overriding == has && decision.text == state.restarted_environment) return false;
  return observed.state.invocation_id != state.restarted_invocation ||
         decision.text != state.restarted_environment;
}

bool restart_is_due(const ControllerView& observed, const DropInDecision& decision,
                    const State& state) {
  if (observed.process_environment) return needs_restart(observed, decision, state);
  const bool goes_on =
      !state.restarting_from.empty() && state.restarting_from == observed.state.invocation_id;
  return observed.state.is_active() && (decision.reload || goes_on);
}

ControllerView predict(ControllerView observed, const DropInDecision& decision) {
  if (!decision.reload || observed.is_hidden_by_old_drop_in) return observed;
  auto& environment = observed.state.environment;
  environment.erase(std::remove_if(environment.begin(), environment.end(),
                                   [&](const std::string& variable) {
                                     return controller::is_ours(variable, observed.names);
                                   }),
                    environment.end());
  for (const auto& variable : variables_of(decision.text)) environment.push_back(variable);
  return observed;
}

bool begins(const ControllerView& observed, const DropInDecision& decision, const State& state) {
  if (decision.text.empty()) return false;
  return observed.drop_in != decision.text ||
         restart_is_due(predict(observed, decision), decision, state);
}

}  // namespace timectl::features
