// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "controller/contract.hpp"
#include "features/controller/rows.hpp"
#include "observe/judge.hpp"
#include "observe/observation.hpp"
#include "probe/asks.hpp"
#include "probe/rows.hpp"
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

/// What of an environment is timectl's: the variables of its drop-in, and what a level gives word
/// for word. The unit may have another value of its own for a time that is not trusted.
class Contract {
 public:
  Contract(const profile::ControllerFeature& feature, const system::FileReader& files)
      : levels_(feature.levels), names_(controller::own_names(feature.levels)) {
    const auto drop_in = files.read(controller::drop_in_path(feature.unit));
    // None is "save no power".
    if (drop_in) wanted_ = controller::variables_of(drop_in->content);
    controller::add_names(wanted_, names_);
  }

  const profile::Environment& wanted() const { return wanted_; }
  /// Sorted: "CONSERVE_POWER=10" is not "CONSERVE_POWER=1".
  profile::Environment given_in(const std::vector<std::string>& environment) const {
    profile::Environment part;
    std::copy_if(environment.begin(), environment.end(), std::back_inserter(part),
                 [this](const auto& variable) {
                   return controller::is_ours(variable, names_) || is_of_a_level(variable);
                 });
    std::sort(part.begin(), part.end());
    return part;
  }

 private:
  bool is_of_a_level(const std::string& variable) const {
    const auto levels = {&levels_.traceable, &levels_.holdover, &levels_.island};
    return std::any_of(levels.begin(), levels.end(), [&](const auto* level) {
      return std::any_of(level->steps.begin(), level->steps.end(), [&](const auto& step) {
        const auto& given = step.environment;
        return std::find(given.begin(), given.end(), variable) != given.end();
      });
    });
  }

  profile::PowerLevels levels_;
  controller::Names names_;
  profile::Environment wanted_;
};

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
                 fmt::format("{} was removed, and not by the monitor", path),
                 "timectl monitor checks again and updates the controller"},
                std::move(evidence));
}

Finding outlived(const std::string& unit, const std::vector<std::string>& has, Evidence evidence) {
  return failed(
      {fmt::format("the process of {} has {}, which timectl did not set", unit, join(has, " ")),
       "it was started with it, and no file of its unit sets it now",
       fmt::format("systemctl try-restart {}", unit)},
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

/// What the unit and its process have of timectl.
struct Given {
  profile::Environment loaded;
  profile::Environment running;
  bool runs = false;

  int step() const { return controller::step_of(runs ? running : loaded); }
};

Finding ask_environment(const Subject& subject, const Ports& ports, Given& given) {
  const auto& unit = subject.host.controller->unit;
  const auto state = ports.services.state(unit);
  if (!state.exists()) {
    return warning({fmt::format("there is no {} on this host", unit),
                    "the controller is not installed, so power saving has no effect",
                    "install it, or remove the controller from the profile"});
  }
  const Contract contract{*subject.host.controller, ports.files};
  given.loaded = contract.given_in(state.environment);
  const auto& loaded = given.loaded;
  Evidence evidence{{"active_state", state.active_state},
                    {"needs_daemon_reload", state.needs_daemon_reload},
                    {"loaded", or_none(loaded)}};
  const auto old_drop_in = controller::old_drop_in_path(unit);
  if (ports.files.status(old_drop_in))
    return hidden_by(unit, old_drop_in.text(), std::move(evidence));
  const auto& wanted = contract.wanted();
  evidence.emplace_back("wanted", or_none(wanted));
  if (wanted.empty() && !loaded.empty()) {
    return not_permitted(state, unit, loaded, std::move(evidence));
  }
  given.runs = state.is_active() && state.main_pid != 0;
  if (given.runs) {
    given.running = contract.given_in(ports.services.process_environment(state.main_pid));
  }
  const auto& running = given.running;
  if (wanted.empty() && !running.empty()) return outlived(unit, running, std::move(evidence));
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
  if (!given.runs) {
    return good(fmt::format("{} does not run; timectl never starts it", unit), std::move(evidence));
  }
  return judge_running(unit, loaded, running, std::move(evidence));
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
  if (step <= allowed || !given.runs) return finding;
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
    {probe::row::controller_environment, probe::Needs::running_host, has_controller,
     ask_controller_environment},
};

}  // namespace timectl::features
