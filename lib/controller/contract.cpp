// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "controller/contract.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace timectl::controller {

namespace {

constexpr auto server_name = "NTP_SERVER";
constexpr auto level_name = "POWER_LEVEL";

system::RootedPath drop_in_below(const std::string& place, const std::string& unit) {
  return system::RootedPath{place} / "systemd/system" / (unit + ".d") / "ntp-environment.conf";
}

std::string name_of(const std::string& variable) { return variable.substr(0, variable.find('=')); }

/// nullptr for the states in which no power is saved.
const profile::PowerLevel* level_of(const profile::PowerLevels& levels, quality::State state) {
  switch (state) {
    case quality::State::traceable:
      return &levels.traceable;
    case quality::State::holdover:
      return &levels.holdover;
    case quality::State::island:
      return &levels.island;
    case quality::State::rtc_only:
    case quality::State::unsynchronized:
    case quality::State::wrong:
      break;
  }
  return nullptr;
}

}  // namespace

system::RootedPath drop_in_path(const std::string& unit) { return drop_in_below("/run", unit); }

system::RootedPath old_drop_in_path(const std::string& unit) { return drop_in_below("/etc", unit); }

void add_names(const profile::Environment& variables, Names& names) {
  for (const auto& variable : variables) names.push_back(name_of(variable));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

bool is_ours(const std::string& variable, const Names& names) {
  return std::binary_search(names.begin(), names.end(), name_of(variable));
}

/// Our variables among `environment`, in one order.
profile::Environment our_part(const profile::Environment& environment, const Names& names) {
  profile::Environment part;
  std::copy_if(environment.begin(), environment.end(), std::back_inserter(part),
               [&](const std::string& variable) { return is_ours(variable, names); });
  std::sort(part.begin(), part.end());
  return part;
}

profile::Environment variables_of(const std::string& drop_in) {
  constexpr std::string_view key = "Environment=";
  profile::Environment variables;
  for (const auto& line : lines_of(drop_in)) {
    if (line.starts_with(key)) variables.push_back(line.substr(key.size()));
  }
  std::sort(variables.begin(), variables.end());
  return variables;
}

std::string drop_in_text(const profile::Environment& variables, const std::string& server) {
  std::string text = "[Service]\n";
  for (const auto& variable : variables) text += fmt::format("Environment={}\n", variable);
  return text + fmt::format("Environment={}={}\n", server_name, server);
}

bool has_steps(const profile::PowerLevels& levels) {
  return !levels.traceable.is_list || !levels.holdover.is_list || !levels.island.is_list;
}

int highest_step(const profile::PowerLevels& levels, const Trust& trust) {
  const auto* level = level_of(levels, trust.state);
  if (level == nullptr) return 0;
  const auto fails = [&](const profile::PowerStep& step) {
    return (step.bound && !(trust.bound <= *step.bound)) || trust.lasted < step.after;
  };
  const auto end = std::find_if(level->steps.begin(), level->steps.end(), fails);
  return static_cast<int>(end - level->steps.begin());
}

std::string wanted_text(const profile::PowerLevels& levels, quality::State state, int step,
                        const std::string& server) {
  const auto* level = level_of(levels, state);
  if (level == nullptr || step < 1 || static_cast<std::size_t>(step) > level->steps.size()) {
    return "";
  }
  auto variables = level->steps[static_cast<std::size_t>(step) - 1].environment;
  if (has_steps(levels)) variables.push_back(fmt::format("{}={}", level_name, step));
  return drop_in_text(variables, server);
}

bool saves_power(const profile::Environment& variables) {
  return std::any_of(variables.begin(), variables.end(),
                     [](const std::string& variable) { return name_of(variable) != server_name; });
}

int step_of(const profile::Environment& variables) {
  if (!saves_power(variables)) return 0;
  const auto prefix = fmt::format("{}=", level_name);
  const auto level =
      std::find_if(variables.begin(), variables.end(),
                   [&](const std::string& variable) { return variable.starts_with(prefix); });
  if (level == variables.end()) return 1;
  const auto step = to_integer(std::string_view{*level}.substr(prefix.size()));
  return step && *step >= 1 && *step <= 1000 ? static_cast<int>(*step) : 1;
}

Names own_names(const profile::PowerLevels& levels) {
  Names names{server_name};
  if (has_steps(levels)) names.emplace_back(level_name);
  return names;
}

Names names_of(const profile::PowerLevels& levels) {
  auto names = own_names(levels);
  for (const auto* level : {&levels.traceable, &levels.holdover, &levels.island}) {
    for (const auto& step : level->steps) add_names(step.environment, names);
  }
  return names;
}

}  // namespace timectl::controller
