// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "controller/processes.hpp"

#include "base/text.hpp"
#include "system/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <utility>

namespace timectl::controller {

namespace {

constexpr std::size_t most_processes = 64;
/// Of environments in one question: a check that takes each minute what 64 processes can have would
/// take longer than it may.
constexpr std::uint64_t most_bytes = 4 * system::limits::mebibyte;

constexpr std::array<std::string_view, 16> wrappers{
    "su",          "sudo",  "runuser",        "doas",   "pkexec",  "machinectl",
    "systemd-run", "ssh",   "docker",         "podman", "nerdctl", "lxc-attach",
    "lxc",         "incus", "systemd-nspawn", "chroot"};

/// Arguments may hold a password.
std::string program_in(const std::string& command) {
  const auto words = words_of(command);
  return words.empty() ? "" : words.front().substr(words.front().rfind('/') + 1);
}

std::uint64_t size_of(const std::vector<std::string>& environment) {
  std::uint64_t size = 0;
  for (const auto& entry : environment) size += entry.size() + 1;
  return size;
}

Error too_large_together(const std::string& unit) {
  return {ErrorKind::io, fmt::format("cannot read the environments of all processes of '{}': they "
                                     "are larger than 4 MiB together",
                                     unit)};
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

Processes processes_of(const std::string& unit, const system::UnitState& state, const Ours& ours,
                       const system::ServiceReader& services) {
  auto listed = services.processes(unit);
  std::stable_sort(listed.begin(), listed.end(), [&](const auto& a, const auto& b) {
    return a.pid == state.main_pid && b.pid != state.main_pid;
  });
  listed.resize(std::min(listed.size(), most_processes));
  Processes found;
  std::uint64_t bytes = 0;
  for (auto& each : listed) {
    if (bytes >= most_bytes) {
      if (!found.unread) found.unread = too_large_together(unit);
      break;
    }
    const bool is_main = each.pid == state.main_pid;
    try {
      const auto environment = services.process_environment(each.pid);
      bytes += size_of(environment);
      found.known.push_back({std::move(each), ours.part_of(environment), is_main});
    } catch (const Error& error) {
      // What is beyond its limit was read up to there.
      if (error.kind() == ErrorKind::io) bytes += system::limits::environment.bytes;
      if (!found.unread) found.unread = error;
    }
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

std::optional<Seconds> stop_goes_on(const system::UnitState& state, const system::Clock& clock) {
  constexpr std::chrono::microseconds by_default = std::chrono::seconds{90};
  constexpr std::chrono::microseconds longest = std::chrono::minutes{5};
  if (state.active_state != "deactivating") return std::nullopt;
  const auto known = state.stop_timeout.count() > 0 ? state.stop_timeout : by_default;
  const Seconds left = std::min(known, longest) - (clock.awake_since_boot() - state.changed_at);
  return left.count() > 0 ? std::optional{left} : std::nullopt;
}

std::string wrapper_in(const std::string& command) {
  const auto name = program_in(command);
  return std::find(wrappers.begin(), wrappers.end(), name) == wrappers.end() ? "" : name;
}

}  // namespace timectl::controller
