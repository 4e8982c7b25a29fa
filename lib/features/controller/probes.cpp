// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "features/controller/rows.hpp"
#include "probe/asks.hpp"
#include "probe/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

/// controller.environment.
namespace timectl::features {

using namespace probe;

namespace {

using system::RootedPath;
using system::UnitState;

/// What monitor tells the controller. Everything else in its environment is none of our business.
constexpr auto drop_in_name = "ntp-environment.conf";
constexpr std::array<std::string_view, 3> told{"CONSERVE_POWER", "NTP_SYNCED", "NTP_SERVER"};

/// The assignments of what monitor tells, sorted: "CONSERVE_POWER=10" is not "CONSERVE_POWER=1".
std::vector<std::string> told_in(const std::vector<std::string>& environment) {
  std::vector<std::string> found;
  for (const auto& assignment : environment) {
    const auto name = std::string_view{assignment}.substr(0, assignment.find('='));
    if (std::find(told.begin(), told.end(), name) != told.end()) found.push_back(assignment);
  }
  std::sort(found.begin(), found.end());
  return found;
}

RootedPath drop_in(const std::string& place, const std::string& unit) {
  return RootedPath{place} / "systemd/system" / (unit + ".d") / drop_in_name;
}

/// What timectl's own drop-in says; none when there is none, which is "save no power".
std::vector<std::string> wanted_of(const system::FileReader& files, const std::string& unit) {
  constexpr std::string_view key = "Environment=";
  const auto file = files.read(drop_in("/run", unit));
  std::vector<std::string> assignments;
  for (const auto& line : lines_of(file ? file->content : "")) {
    if (line.starts_with(key)) assignments.push_back(line.substr(key.size()));
  }
  return told_in(assignments);
}

std::string or_none(const std::vector<std::string>& assignments) {
  return assignments.empty() ? "none" : join(assignments, " ");
}

Finding judge_running(const std::string& unit, const std::vector<std::string>& loaded,
                      const std::vector<std::string>& running, Evidence evidence) {
  evidence.emplace_back("process", or_none(running));
  if (loaded != running) {
    return failed({fmt::format("the process of {} has another environment than its unit", unit),
                   fmt::format("loaded: {}; in the process: {}", or_none(loaded), or_none(running)),
                   fmt::format("systemctl try-restart {}", unit)},
                  std::move(evidence));
  }
  return good(fmt::format("{} runs with {}", unit,
                          running.empty() ? "its own environment" : join(running, " ")),
              std::move(evidence));
}

Finding hidden_by(const std::string& unit, const std::string& leftover, Evidence evidence) {
  return failed({fmt::format("a leftover drop-in of {} hides timectl's", unit),
                 fmt::format("{} is the old script's: it has the same name, and /etc comes "
                             "before /run",
                             leftover),
                 fmt::format("timectl provision, or rm {} && systemctl daemon-reload && "
                             "systemctl try-restart {}",
                             shell_quoted(leftover), unit)},
                std::move(evidence));
}

/// systemd goes by what it has read: a drop-in that was removed is in force until it reads again.
Finding removed(const std::string& unit, const std::string& path, Evidence evidence) {
  return failed({fmt::format("timectl's drop-in of {} is gone, and still in force", unit),
                 fmt::format("{} was removed, and not by the monitor", path),
                 "timectl monitor judges anew and tells the controller"},
                std::move(evidence));
}

Finding outlived(const std::string& unit, const std::vector<std::string>& has, Evidence evidence) {
  return failed(
      {fmt::format("the process of {} has {}, which timectl did not give it", unit, join(has, " ")),
       "it was started with it, and nothing that its unit is made of says so now",
       fmt::format("systemctl try-restart {}", unit)},
      std::move(evidence));
}

Finding not_permitted(const UnitState& state, const std::string& unit,
                      const std::vector<std::string>& has, Evidence evidence) {
  const auto own = drop_in("/run", unit).text();
  const auto& in_force = state.drop_in_paths;
  if (std::find(in_force.begin(), in_force.end(), own) != in_force.end()) {
    return removed(unit, own, std::move(evidence));
  }
  const auto files = join(state.drop_in_paths, " ");
  return failed(
      {fmt::format("{} has {}, which timectl did not give it", unit, join(has, " ")),
       files.empty() ? "the unit's own file sets it"
                     : fmt::format("the unit is made of {} too", files),
       fmt::format("systemctl cat {0} shows which file sets it: remove it, then systemctl "
                   "daemon-reload && systemctl try-restart {0}",
                   unit)},
      std::move(evidence));
}

Finding ask_controller_environment(const Subject& subject, const Ports& ports) {
  const auto& unit = subject.host.controller->unit;
  const auto state = ports.services.state(unit);
  if (!state.exists()) {
    return warning({fmt::format("there is no {} on this host", unit),
                    "the controller is not installed, so nothing is told of the time",
                    "install it, or remove the controller from the profile"});
  }
  const auto loaded = told_in(state.environment);
  Evidence evidence{{"active_state", state.active_state},
                    {"needs_daemon_reload", state.needs_daemon_reload},
                    {"loaded", or_none(loaded)}};
  const auto leftover = drop_in("/etc", unit);
  if (ports.files.status(leftover)) return hidden_by(unit, leftover.text(), std::move(evidence));
  const auto wanted = wanted_of(ports.files, unit);
  evidence.emplace_back("wanted", or_none(wanted));
  const bool runs = state.is_active() && state.main_pid != 0;
  if (wanted.empty() && !loaded.empty()) {
    return not_permitted(state, unit, loaded, std::move(evidence));
  }
  const auto running = runs ? told_in(ports.services.process_environment(state.main_pid))
                            : std::vector<std::string>{};
  if (wanted.empty() && !running.empty()) return outlived(unit, running, std::move(evidence));
  if (state.needs_daemon_reload) {
    return warning({fmt::format("systemd has not read the newest drop-in of {}", unit),
                    "files of the unit changed, and nobody reloaded them",
                    fmt::format("systemctl daemon-reload && systemctl try-restart {}", unit)},
                   std::move(evidence));
  }
  if (state.active_state == "failed") {
    return warning(
        {fmt::format("{} has failed", unit), fmt::format("its result is {}", state.result),
         fmt::format("journalctl -b -u {}", unit)},
        std::move(evidence));
  }
  if (loaded != wanted) {
    return failed({fmt::format("{} has another environment than timectl gave it", unit),
                   fmt::format("given: {}; loaded: {}", or_none(wanted), or_none(loaded)),
                   fmt::format("systemctl cat {} shows which file sets it", unit)},
                  std::move(evidence));
  }
  if (!runs) {
    return good(fmt::format("{} does not run; timectl never starts it", unit), std::move(evidence));
  }
  return judge_running(unit, loaded, running, std::move(evidence));
}

bool has_controller(const profile::Host& host) { return host.controller.has_value(); }

}  // namespace

constinit const probe::Probe controller_probes[1] = {
    {probe::row::controller_environment, probe::Needs::running_host, has_controller,
     ask_controller_environment},
};

}  // namespace timectl::features
