// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "controller/processes.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace timectl::controller {

namespace {

constexpr std::size_t most_processes = 64;

constexpr std::array<std::string_view, 16> wrappers{
    "su",          "sudo",  "runuser",        "doas",   "pkexec",  "machinectl",
    "systemd-run", "ssh",   "docker",         "podman", "nerdctl", "lxc-attach",
    "lxc",         "incus", "systemd-nspawn", "chroot"};

/// Arguments may hold a password.
std::string program_in(const std::string& command) {
  const auto words = words_of(command);
  return words.empty() ? "" : words.front().substr(words.front().rfind('/') + 1);
}

}  // namespace

Ours::Ours(const profile::PowerLevels& levels, const profile::Environment& wanted)
    : levels_(levels), names_(own_names(levels)), is_wanted_(!wanted.empty()) {
  add_names(wanted, names_);
}

bool Ours::is_of_a_level(const std::string& variable) const {
  const auto levels = {&levels_.traceable, &levels_.holdover, &levels_.island};
  return std::any_of(levels.begin(), levels.end(), [&](const auto* level) {
    return std::any_of(level->steps.begin(), level->steps.end(), [&](const auto& step) {
      const auto& given = step.environment;
      return std::find(given.begin(), given.end(), variable) != given.end();
    });
  });
}

/// What a unit may say by itself for a time in which nothing is given: no level gives it.
bool Ours::is_own_default(const std::string& variable) const {
  return !saves_power({variable}) || (variable == "POWER_LEVEL=0" && !is_of_a_level(variable));
}

profile::Environment Ours::part_of(const std::vector<std::string>& environment) const {
  profile::Environment part;
  std::copy_if(environment.begin(), environment.end(), std::back_inserter(part),
               [this](const auto& variable) {
                 return is_ours(variable, names_) || is_of_a_level(variable);
               });
  const bool is_own = std::all_of(part.begin(), part.end(),
                                  [this](const auto& each) { return is_own_default(each); });
  if (!is_wanted_ && is_own) return {};
  std::sort(part.begin(), part.end());
  return part;
}

std::vector<Process> processes_of(const std::string& unit, const system::UnitState& state,
                                  const Ours& ours, const system::ServiceReader& services) {
  auto listed = services.processes(unit);
  std::stable_sort(listed.begin(), listed.end(), [&](const auto& a, const auto& b) {
    return a.pid == state.main_pid && b.pid != state.main_pid;
  });
  listed.resize(std::min(listed.size(), most_processes));
  std::vector<Process> found;
  for (auto& each : listed) {
    auto given = ours.part_of(services.process_environment(each.pid));
    const bool is_main = each.pid == state.main_pid;
    found.push_back({std::move(each), std::move(given), is_main});
  }
  return found;
}

std::string in_words(const system::UnitProcess& process) {
  const auto name = program_in(process.command);
  return name.empty() ? fmt::format("process {}", process.pid)
                      : fmt::format("process {} ({})", process.pid, name);
}

std::string remedy_for(const std::string& unit, const system::UnitState& state,
                       const Process& process) {
  if (!state.is_active()) return fmt::format("systemctl kill --signal=SIGKILL {}", unit);
  if (!process.is_main && state.main_pid != 0) return fmt::format("kill {}", process.process.pid);
  return fmt::format("systemctl try-restart {}", unit);
}

std::string wrapper_in(const std::string& command) {
  const auto name = program_in(command);
  return std::find(wrappers.begin(), wrappers.end(), name) == wrappers.end() ? "" : name;
}

}  // namespace timectl::controller
