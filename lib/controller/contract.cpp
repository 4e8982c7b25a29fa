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

system::RootedPath drop_in_below(const std::string& place, const std::string& unit) {
  return system::RootedPath{place} / "systemd/system" / (unit + ".d") / "ntp-environment.conf";
}

std::string name_of(const std::string& variable) { return variable.substr(0, variable.find('=')); }

}  // namespace

system::RootedPath drop_in_path(const std::string& unit) { return drop_in_below("/run", unit); }

system::RootedPath leftover_path(const std::string& unit) { return drop_in_below("/etc", unit); }

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

std::string wanted_text(const profile::PowerLevels& levels, quality::State state,
                        const std::string& server) {
  const auto text = [&](const profile::Environment& variables) {
    return variables.empty() ? "" : drop_in_text(variables, server);
  };
  switch (state) {
    case quality::State::traceable:
      return text(levels.traceable);
    case quality::State::holdover:
      return text(levels.holdover);
    case quality::State::island:
      return text(levels.island);
    case quality::State::rtc_only:
    case quality::State::unsynchronized:
    case quality::State::wrong:
      break;
  }
  return "";
}

std::vector<std::string> names_of(const profile::PowerLevels& levels) {
  Names names{server_name};
  for (const auto* level : {&levels.traceable, &levels.holdover, &levels.island}) {
    add_names(*level, names);
  }
  return names;
}

}  // namespace timectl::controller
