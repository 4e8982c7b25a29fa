// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/controller/act_processes.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "controller/processes.hpp"
#include "features/controller/findings.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::features {

namespace {

using controller::Process;
using probe::Finding;
using probe::Verdict;

Finding fault(const std::string& summary, const std::string& cause, const std::string& remedy) {
  return {row::controller_environment, Verdict::failed, summary, {}, cause, remedy};
}

/// What the unit has by a file that is not timectl's.
Finding set_by_others(const ControllerView& observed, const profile::Environment& has) {
  const auto& unit = observed.unit;
  return fault(fmt::format("{} has {}, which timectl did not set", unit, join(has, " ")),
               "a file of the unit sets it",
               fmt::format("systemctl cat {0} shows which: remove it there, then systemctl "
                           "daemon-reload && systemctl try-restart {0}",
                           unit));
}

/// What timectl's own drop-in gave is in force until systemd reads its units again.
Finding not_read_again(const ControllerView& observed, const profile::Environment& has) {
  const auto& unit = observed.unit;
  return fault(
      fmt::format("{} still has {}: systemd has not read its units again", unit, join(has, " ")),
      fmt::format("timectl removed {}; systemd refuses to read its units while less than "
                  "16 MB are free in /run",
                  controller::drop_in_path(unit).text()),
      "df -h /run; timectl monitor");
}

Finding runs_on(const ControllerView& observed, const Process& process) {
  return fault(
      fmt::format("{} of {} has {}, which timectl did not set",
                  controller::in_words(process.process), observed.unit, join(process.given, " ")),
      fmt::format("it runs on with what it was started with; the unit is {}",
                  observed.state.active_state),
      controller::remedy_for(observed.unit, observed.state, process));
}

}  // namespace

Aftermath compare_processes(const ControllerView& observed, const DropInDecision& decision,
                            const profile::PowerLevels& levels,
                            const system::ServiceReader& services) {
  const auto wanted = controller::variables_of(decision.text);
  const controller::Ours ours{levels, wanted};
  std::vector<Process> processes;
  try {
    processes = controller::processes_of(observed.unit, observed.state, ours, services).known;
  } catch (const Error&) {
    return {std::nullopt, controller::step_of(wanted)};
  }
  const auto strays = [&](const Process& process) {
    // That the main one has another environment than its unit is known, and said, by now.
    if (!wanted.empty() && process.is_main) return false;
    return controller::saves_power(process.given) && process.given != wanted;
  };
  const auto stray = std::find_if(processes.begin(), processes.end(), strays);
  const int step = controller::step_of(stray != processes.end() ? stray->given : wanted);
  const auto loaded = ours.part_of(observed.state.environment);
  // What was to be given is not in force, and a finding says so: processes and unit may agree.
  if (!wanted.empty() && observed.is_unread) return {std::nullopt, step};
  if (wanted.empty() && !loaded.empty()) {
    const bool is_unread = observed.is_unread || has_loaded_drop_in(observed);
    return {is_unread ? not_read_again(observed, loaded) : set_by_others(observed, loaded), step};
  }
  if (stray != processes.end()) return {runs_on(observed, *stray), step};
  return {std::nullopt, step};
}

Finding has_failed(const ControllerView& observed, bool is_ours) {
  const auto& unit = observed.unit;
  return {row::controller_environment,
          Verdict::warning,
          fmt::format("{} has failed", unit),
          {},
          is_ours ? fmt::format("it did not come up again when timectl restarted it ({})",
                                observed.state.result)
                  : fmt::format("its result is {}", observed.state.result),
          fmt::format("journalctl -b -u {0} says why; systemctl start {0}", unit)};
}

}  // namespace timectl::features
