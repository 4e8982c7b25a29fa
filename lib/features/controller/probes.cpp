// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "controller/contract.hpp"
#include "controller/processes.hpp"
#include "features/controller/findings.hpp"
#include "features/controller/rows.hpp"
#include "observe/judge.hpp"
#include "observe/observation.hpp"
#include "probe/asks.hpp"
#include "profile/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <utility>

/// controller.environment.
namespace timectl::features {

using namespace probe;

namespace {

using system::UnitState;

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

Finding hidden_by(const std::string& unit, const std::string& old_drop_in, Evidence evidence) {
  return failed({fmt::format("an old drop-in of {} hides timectl's", unit),
                 fmt::format("{} is the old script's: it has the same name, and /etc comes "
                             "before /run",
                             old_drop_in),
                 fmt::format("timectl provision, or rm {} && systemctl daemon-reload && "
                             "systemctl try-restart {}",
                             shell_quoted(old_drop_in), unit)},
                std::move(evidence));
}

/// systemd uses what it has read: a drop-in that was removed is in force until it reads again.
Finding removed(const std::string& unit, const std::string& path, Evidence evidence) {
  return failed({fmt::format("timectl's drop-in of {} is gone, and still in force", unit),
                 fmt::format("{} was removed, and systemd has not read its units since: by another "
                             "program, or because less than 16 MB are free in /run, and systemd "
                             "refuses it then",
                             path),
                 "df -h /run; timectl monitor"},
                std::move(evidence));
}

/// What the unit and its process have of timectl.
struct Given {
  profile::Environment loaded;
  std::vector<controller::Process> processes;  ///< the main one first, if there is one
  profile::Environment running;                ///< of the process that speaks for the unit
  bool runs = false;
  std::optional<Error> unread;  ///< why not all processes are known

  int step() const { return controller::step_of(runs ? running : loaded); }
};

/// It has what it should not have any more, and is to end: a stop takes its time.
std::optional<Finding> still_stops(const std::string& unit, const UnitState& state,
                                   const Given& given, const Ports& ports,
                                   const Evidence& evidence) {
  const auto left = controller::stop_goes_on(state, ports.clock);
  const auto stray =
      std::find_if(given.processes.begin(), given.processes.end(), [&](const auto& process) {
        return process.given != given.loaded && (process.is_main || !process.given.empty());
      });
  if (!left || stray == given.processes.end()) return std::nullopt;
  return pending({fmt::format("{} is being stopped", unit),
                  fmt::format("{} has {} until it ends", controller::in_words(stray->process),
                              or_none(stray->given)),
                  ""},
                 {fmt::format("the stop of {}", unit), left}, evidence);
}

/// Processes that were started with it, while no file of the unit sets it now.
Finding outlived(const std::string& unit, const UnitState& state,
                 const controller::Process& process, Evidence evidence) {
  const auto whose = process.is_main
                         ? fmt::format("the process of {}", unit)
                         : fmt::format("{} of {}", controller::in_words(process.process), unit);
  const bool is_ending = state.active_state == "deactivating";
  return failed(
      {fmt::format("{} has {}, which timectl did not set", whose, join(process.given, " ")),
       is_ending           ? "it is to end, and does not heed it"
       : state.is_active() ? "it was started with it, and no file of its unit sets it now"
                           : "it outlived its unit, which does not run",
       controller::remedy_for(unit, state, process)},
      std::move(evidence));
}

/// One that was left of an earlier run, or was started with something else.
Finding strayed(const std::string& unit, const UnitState& state, const profile::Environment& loaded,
                const controller::Process& process, Evidence evidence) {
  return failed(
      {fmt::format("{} of {} has another environment than its unit",
                   controller::in_words(process.process), unit),
       fmt::format("loaded: {}; in the process: {}", or_none(loaded), or_none(process.given)),
       controller::remedy_for(unit, state, process)},
      std::move(evidence));
}

/// What such a program starts gets an environment of its own, as a rule.
Finding kept_by_wrapper(const std::string& unit, const std::string& wrapper, Evidence evidence) {
  return warning(
      {fmt::format("{} keeps what timectl sets from what it starts for {}", wrapper, unit),
       fmt::format("the unit's main process is {}; no other process of the unit has it", wrapper),
       fmt::format("systemctl edit {}: start the program itself, as another user by User=, in a "
                   "container by its own option for variables",
                   unit)},
      std::move(evidence));
}

Finding not_permitted(const UnitState& state, const std::string& unit,
                      const std::vector<std::string>& has, Evidence evidence) {
  const auto own = controller::drop_in_path(unit).text();
  const auto& in_force = state.drop_in_paths;
  if (std::find(in_force.begin(), in_force.end(), own) != in_force.end()) {
    return removed(unit, own, std::move(evidence));
  }
  const auto files = join(state.drop_in_paths, " ");
  return failed(
      {fmt::format("{} has {}, which timectl did not set", unit, join(has, " ")),
       files.empty() ? "the unit's own file sets it"
                     : fmt::format("the unit is made of {} too", files),
       fmt::format("systemctl cat {0} shows which file sets it: remove it, then systemctl "
                   "daemon-reload && systemctl try-restart {0}",
                   unit)},
      std::move(evidence));
}

/// The main process, where systemd knows it; else the first one that has anything of timectl's.
void read_processes(const std::string& unit, const UnitState& state, const controller::Ours& ours,
                    const Ports& ports, Given& given) {
  auto found = controller::processes_of(unit, state, ours, ports.services);
  given.processes = std::move(found.known);
  given.unread = std::move(found.unread);
  given.runs = !given.processes.empty();
  const auto speaks =
      std::find_if(given.processes.begin(), given.processes.end(),
                   [](const auto& process) { return process.is_main || !process.given.empty(); });
  if (speaks != given.processes.end()) given.running = speaks->given;
}

/// What the running processes have that the unit does not give them.
std::optional<Finding> stray_process(const std::string& unit, const UnitState& state,
                                     const Given& given, const Evidence& evidence) {
  for (const auto& process : given.processes) {
    if (process.is_main || process.given == given.loaded) continue;
    if (!controller::saves_power(process.given)) continue;
    return strayed(unit, state, given.loaded, process, evidence);
  }
  const auto& main = given.processes.front();
  const auto wrapper = main.is_main ? controller::wrapper_in(main.process.command) : "";
  const bool is_kept = std::none_of(given.processes.begin() + 1, given.processes.end(),
                                    [](const auto& other) { return !other.given.empty(); });
  if (wrapper.empty() || main.given.empty() || !is_kept) return std::nullopt;
  return kept_by_wrapper(unit, wrapper, evidence);
}

Finding judge_processes(const std::string& unit, const UnitState& state, const Given& given,
                        Evidence evidence) {
  if (!given.runs) {
    return good(fmt::format("{} does not run; timectl never starts it", unit), std::move(evidence));
  }
  auto finding = judge_running(unit, given.loaded, given.running, std::move(evidence));
  if (finding.verdict != Verdict::ok) return finding;
  if (auto stray = stray_process(unit, state, given, finding.evidence)) return *std::move(stray);
  return finding;
}

Finding judge_unit(const std::string& unit, const UnitState& state,
                   const profile::Environment& wanted, const Given& given, Evidence evidence) {
  const auto& loaded = given.loaded;
  if (state.needs_daemon_reload) {
    return warning({fmt::format("systemd has not read the newest drop-in of {}", unit),
                    "files of the unit changed and were not reloaded",
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
    return failed({fmt::format("{} has another environment than timectl set", unit),
                   fmt::format("given: {}; loaded: {}", or_none(wanted), or_none(loaded)),
                   fmt::format("systemctl cat {} shows which file sets it", unit)},
                  std::move(evidence));
  }
  return judge_processes(unit, state, given, std::move(evidence));
}

Finding ask_environment(const Subject& subject, const Ports& ports, Given& given) {
  const auto& feature = *subject.host.controller;
  const auto& unit = feature.unit;
  const auto state = ports.services.state(unit);
  if (!state.exists()) {
    return warning({fmt::format("there is no {} on this host", unit),
                    "the controller is not installed, so power saving has no effect",
                    "install it, or remove the controller from the profile"});
  }
  const auto drop_in = ports.files.read(controller::drop_in_path(unit));
  // None is "save no power".
  const auto wanted = drop_in ? controller::variables_of(drop_in->content) : profile::Environment{};
  const controller::Ours ours{feature.levels, wanted};
  given.loaded = ours.part_of(state.environment);
  const auto& loaded = given.loaded;
  Evidence evidence{{"active_state", state.active_state},
                    {"needs_daemon_reload", state.needs_daemon_reload},
                    {"loaded", or_none(loaded)}};
  const auto old_drop_in = controller::old_drop_in_path(unit);
  if (ports.files.status(old_drop_in))
    return hidden_by(unit, old_drop_in.text(), std::move(evidence));
  evidence.emplace_back("wanted", or_none(wanted));
  if (wanted.empty() && !loaded.empty()) {
    return not_permitted(state, unit, loaded, std::move(evidence));
  }
  read_processes(unit, state, ours, ports, given);
  evidence.emplace_back("processes", static_cast<std::int64_t>(given.processes.size()));
  if (auto stops = still_stops(unit, state, given, ports, evidence)) return *std::move(stops);
  if (wanted.empty()) {
    const auto saving = std::find_if(given.processes.begin(), given.processes.end(),
                                     [](const auto& process) { return !process.given.empty(); });
    if (saving != given.processes.end()) {
      return outlived(unit, state, *saving, std::move(evidence));
    }
  }
  if (given.unread) throw Error{*given.unread};
  return judge_unit(unit, state, wanted, given, std::move(evidence));
}

/// The highest step that the error bound allows now. How long the time has been trusted is for the
/// monitor to know, which goes up by itself and never too far.
struct AllowedStep {
  int step = 0;
  std::string reason;  ///< why the time is as it is
};

AllowedStep allowed_step(const Subject& subject, const Ports& ports) {
  const auto limits = profile::limits_of(subject.profile, subject.host);
  const auto seen =
      observe::observe(subject.profile, subject.host, ports.of_time(), observe::Peers::left_out);
  const auto time = observe::judge(subject.host, seen, limits);
  const auto& reason = time.judgement.reason;
  if (!observe::follows_trusted_server(seen, time, limits)) return {0, reason};
  return {controller::highest_step(
              subject.host.controller->levels,
              {time.judgement.state, time.judgement.bound, Seconds{std::chrono::hours{24 * 365}}}),
          reason};
}

/// Whether the process has what a lower step than its unit's gives: a restart is under way or
/// failed, and meanwhile it saves less power than it might.
bool has_lower_step(const profile::PowerLevels& levels, const Given& given) {
  const int step = given.step();
  if (!given.runs || step < 1 || step >= controller::step_of(given.loaded)) return false;
  const auto server =
      std::find_if(given.running.begin(), given.running.end(),
                   [](const auto& each) { return each.starts_with("NTP_SERVER="); });
  if (server == given.running.end()) return false;
  const auto address = server->substr(server->find('=') + 1);
  return std::any_of(quality::all_states.begin(), quality::all_states.end(), [&](auto state) {
    return controller::variables_of(controller::wanted_text(levels, state, step, address)) ==
           given.running;
  });
}

Finding runs_below(const std::string& unit, const Given& given, Evidence evidence) {
  return warning({fmt::format("{} still runs at level {}; its unit has level {}", unit,
                              given.step(), controller::step_of(given.loaded)),
                  "it has not been restarted yet", fmt::format("systemctl try-restart {}", unit)},
                 std::move(evidence));
}

/// The same finding where the profile has steps: a level that the time does not allow is a fault,
/// one below it is none.
Finding judge_level(const Subject& subject, const Ports& ports, const Given& given,
                    Finding finding) {
  const auto& controller = *subject.host.controller;
  const int step = given.step();
  const auto [allowed, reason] = allowed_step(subject, ports);
  finding.evidence.emplace_back("power_level", std::int64_t{step});
  finding.evidence.emplace_back("power_level_allowed", std::int64_t{allowed});
  if (finding.verdict == Verdict::failed) {
    return step <= allowed && has_lower_step(controller.levels, given)
               ? runs_below(controller.unit, given, std::move(finding.evidence))
               : finding;
  }
  if (step <= allowed || !given.runs || finding.verdict == Verdict::pending) return finding;
  return failed(
      {fmt::format("{} saves power at level {}, and the time allows {}", controller.unit, step,
                   allowed == 0 ? "none" : fmt::format("level {} at most", allowed)),
       allowed == 0 ? reason : "the error bound is larger than that level allows",
       "timectl monitor"},
      std::move(finding.evidence));
}

Finding ask_controller_environment(const Subject& subject, const Ports& ports) {
  Given given;
  auto finding = ask_environment(subject, ports, given);
  if (!controller::has_steps(subject.host.controller->levels)) return finding;
  return judge_level(subject, ports, given, std::move(finding));
}

bool has_controller(const profile::Host& host) { return host.controller.has_value(); }

}  // namespace

constinit const probe::Probe controller_probes[1] = {
    {row::controller_environment, probe::Needs::running_host, has_controller,
     ask_controller_environment},
};

}  // namespace timectl::features
