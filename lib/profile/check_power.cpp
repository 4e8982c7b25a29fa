// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>

namespace timectl::profile {

namespace {

/// The power level of one state of the time, and where it stands in the profile.
struct LevelOfState {
  const Site& site;
  const Host& host;
  const PowerLevel& level;
  std::string path;
};

void bounds_are_within_the_limit(const LevelOfState& at) {
  const auto limit = at.host.client->root_distance_max;
  for (std::size_t i = 0; i < at.level.steps.size(); ++i) {
    const auto& bound = at.level.steps[i].bound;
    if (!bound || *bound <= limit) continue;
    at.site.reject(at.host, fmt::format("{}/{}/bound_s", at.path, i),
                   fmt::format("found {}, expected at most {}, root_distance_max_s of client: a "
                               "time with a larger error bound is not trusted",
                               bound->count(), limit.count()));
  }
}

/// A step that needs more restarts than an hour may have would never be allowed.
void steps_have_room_for_their_restarts(const LevelOfState& at) {
  const auto most = static_cast<std::size_t>(at.host.controller->restarts_per_hour) - 1;
  if (at.level.steps.size() <= most) return;
  at.site.reject(
      at.host, at.path,
      fmt::format("found {} steps, expected at most {}: restarts_per_hour is {}, and the "
                  "last step needs a restart for itself and one for each step down",
                  at.level.steps.size(), most, most + 1));
}

void level_is_no_variable(const LevelOfState& at) {
  if (!at.level.is_list || at.level.steps.empty()) return;
  const auto& variables = at.level.steps.front().environment;
  for (std::size_t i = 0; i < variables.size(); ++i) {
    if (!variables[i].starts_with("POWER_LEVEL=")) continue;
    at.site.reject(at.host, fmt::format("{}/{}", at.path, i),
                   fmt::format("found \"{}\", expected another name: a state has steps, so "
                               "POWER_LEVEL is set by itself",
                               variables[i]));
  }
}

void check_levels(const Site& site, const Host& host) {
  const auto& levels = host.controller->levels;
  const LevelOfState places[] = {{site, host, levels.traceable, "controller/levels/traceable"},
                                 {site, host, levels.holdover, "controller/levels/holdover"},
                                 {site, host, levels.island, "controller/levels/island"}};
  const bool has_steps =
      std::any_of(std::begin(places), std::end(places),
                  [](const LevelOfState& place) { return !place.level.is_list; });
  if (!has_steps) return;
  for (const auto& place : places) {
    if (host.client) bounds_are_within_the_limit(place);
    steps_have_room_for_their_restarts(place);
    level_is_no_variable(place);
  }
}

}  // namespace

void check_power(const Site& site) {
  for (const Host& host : site.profile().hosts) {
    if (host.controller) check_levels(site, host);
  }
}

}  // namespace timectl::profile
