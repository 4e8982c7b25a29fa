// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitored_services.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "support/environ_limit.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::test {

constexpr std::uint32_t pid_left_behind = 99;

void MonitoredServices::add(const std::string& unit) {
  units_[unit] = {};
  units_[unit].loaded = environment_on_disk(unit);
  units_[unit].drop_ins = drop_ins_on_disk(unit);
  run_again(unit);
}

void MonitoredServices::set_environment_file(const std::string& unit,
                                             const std::vector<std::string>& variables) {
  units_.at(unit).file_overrides = variables;
  run_again(unit);
}

void MonitoredServices::limit_starts(const std::string& unit, std::uint32_t burst,
                                     std::chrono::seconds interval) {
  units_.at(unit).burst = burst;
  units_.at(unit).interval = interval;
}

void MonitoredServices::reset_failed(std::string_view unit) {
  before_change();
  units_.at(std::string{unit}).starts = 0;
}

void MonitoredServices::run_again(const std::string& name) {
  Unit& unit = units_.at(name);
  unit.failed = start_fails || (unit.burst > 0 && ++unit.starts > unit.burst);
  if (start_fails) ++unit.runs;
  unit.active = !unit.failed;
  if (unit.failed) throw Error{ErrorKind::external, "cannot start: repeated too quickly"};
  ++unit.runs;
  unit.process = {"PATH=/usr/bin"};
  for (const auto& variable : unit.loaded) unit.process.push_back(variable);
  for (const auto& variable : unit.file_overrides) unit.process.push_back(variable);
}

std::vector<std::string> MonitoredServices::drop_ins_on_disk(const std::string& unit) const {
  // The same name in /etc hides the one in /run (systemd.unit(5)).
  for (const auto* place : {"/etc/systemd/system/", "/run/systemd/system/"}) {
    const auto path = fmt::format("{}{}.d/ntp-environment.conf", place, unit);
    if (files_.has(path)) return {path};
  }
  return {};
}

std::vector<std::string> MonitoredServices::environment_on_disk(const std::string& unit) const {
  std::vector<std::string> environment;
  for (const auto& path : drop_ins_on_disk(unit)) {
    for (const auto& line : lines_of(files_.at(path))) {
      if (line.starts_with("Environment=")) environment.push_back(line.substr(12));
    }
  }
  return environment;
}

system::UnitState MonitoredServices::state(std::string_view name) const {
  if (!broken.empty()) throw Error{ErrorKind::timeout, broken};
  system::UnitState state;
  const auto found = units_.find(std::string{name});
  state.load_state = found == units_.end() ? "not-found" : "loaded";
  if (found == units_.end()) return state;
  const Unit& unit = found->second;
  if (unit.masked) state.load_state = "masked";
  state.active_state = unit.failed ? "failed" : unit.active ? "active" : "inactive";
  if (!unit.active && stopping_since) {
    state.active_state = "deactivating";
    state.changed_at = *stopping_since;
  }
  state.start_limit_burst = unit.burst;
  state.start_limit_interval = unit.interval;
  state.environment = unit.loaded;
  state.drop_in_paths = unit.drop_ins;
  // PID 1 reads only directories that it saw at its last reload.
  state.needs_daemon_reload =
      !unit.drop_ins.empty() && (unit.drop_ins != drop_ins_on_disk(found->first) ||
                                 unit.loaded != environment_on_disk(found->first));
  if (has_invocations) state.invocation_id = fmt::format("{:032x}", unit.runs);
  state.main_pid = unit.active ? pid_of(found->first) : 0;
  return state;
}

std::vector<std::string> MonitoredServices::process_environment(std::uint32_t main_pid) const {
  if (hides_environment) throw Error{ErrorKind::permission, "cannot read the environment"};
  if (main_pid == pid_left_behind) return left_behind;
  if (overwrites_environment) return {"controller: idle"};
  const auto found = std::find_if(units_.begin(), units_.end(),
                                  [&](const auto& unit) { return pid_of(unit.first) == main_pid; });
  if (found == units_.end() || !found->second.active) return {};
  const Unit& unit = found->second;
  auto environment = unit.process;
  environment.push_back(fmt::format("INVOCATION_ID={:032x}", unit.runs));
  return as_read(environment);
}

std::vector<system::UnitProcess> MonitoredServices::processes(std::string_view name) const {
  if (!broken.empty()) throw Error{ErrorKind::timeout, broken};
  std::vector<system::UnitProcess> all;
  if (!left_behind.empty()) all.push_back({pid_left_behind, "/usr/bin/worker"});
  const auto found = units_.find(std::string{name});
  if (found != units_.end() && found->second.active) {
    all.push_back({pid_of(found->first), "controller"});
  }
  return all;
}

std::vector<std::string> MonitoredServices::environment_of(const std::string& name) const {
  const Unit& unit = units_.at(name);
  return unit.active ? unit.process : std::vector<std::string>{};
}

void MonitoredServices::daemon_reload() {
  before_change();
  if (reload_fails) throw Error{ErrorKind::external, "cannot reload units: no space left"};
  ++reloads;
  for (auto& [name, unit] : units_) {
    unit.loaded = environment_on_disk(name);
    unit.drop_ins = drop_ins_on_disk(name);
  }
}

void MonitoredServices::start(std::string_view unit) { run_again(std::string{unit}); }

void MonitoredServices::enqueue(std::string_view verb, std::string_view name) {
  if (verb != "try-restart") throw Error{ErrorKind::refused, "cannot queue that"};
  before_change();
  if (restart_fails) throw Error{ErrorKind::external, "cannot queue the restart: no memory"};
  restarts.emplace_back(name);
  queued_ = name;
  if (!restart_takes_long) finish_restart();
}

void MonitoredServices::finish_restart() {
  if (!queued_.empty() && units_.at(queued_).active) {
    try {
      run_again(queued_);
    } catch (const Error&) {  // the caller who queued it does not hear of it
    }
  }
  queued_.clear();
}

}  // namespace timectl::test
