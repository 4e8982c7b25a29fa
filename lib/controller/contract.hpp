// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/time.hpp"
#include "profile/profile.hpp"
#include "quality/quality.hpp"
#include "system/rooted_path.hpp"

#include <string>
#include <vector>

/// What timectl and the controller agreed on: the drop-in of its unit and the variables in it.
namespace timectl::controller {

using Names = std::vector<std::string>;

/// Below /run: power saving ends with the boot.
system::RootedPath drop_in_path(const std::string& unit);

/// Where the old script had it. It has the same name and comes before /run.
system::RootedPath old_drop_in_path(const std::string& unit);

/// What the drop-in says while power may be saved; `server` is the address followed.
std::string drop_in_text(const profile::Environment& variables, const std::string& server);

/// The variables of such a text, sorted.
profile::Environment variables_of(const std::string& drop_in);

/// Whether a state of the time has a list of steps: then the controller gets the number of the step
/// as POWER_LEVEL, in every state.
bool has_steps(const profile::PowerLevels& levels);

/// How good the time is, as far as power saving depends on it.
struct Trust {
  quality::State state = quality::State::unsynchronized;
  Seconds bound{};
  Seconds lasted{};  ///< how long the time has been trusted without a break
};

/// The highest step of the state whose bound holds and whose time has passed, and which all lower
/// ones allow too; 0 when no power may be saved. Whether the bound is one of a trusted time at all
/// is not asked here.
int highest_step(const profile::PowerLevels& levels, const Trust& trust);

/// What the drop-in is to say at that step, "" when it is not to be there: no level saves power by
/// a time that cannot be trusted.
std::string wanted_text(const profile::PowerLevels& levels, quality::State state, int step,
                        const std::string& server);

/// Whether variables of timectl's save power: any but NTP_SERVER does, which a unit may have of its
/// own.
bool saves_power(const profile::Environment& variables);

/// The step that variables are of: their POWER_LEVEL, else 1, or 0 when they save no power.
int step_of(const profile::Environment& variables);

/// Those that timectl gives by itself: NTP_SERVER, and POWER_LEVEL where there are steps; sorted.
Names own_names(const profile::PowerLevels& levels);

/// The names of all variables that `levels` give, and timectl by itself; sorted.
Names names_of(const profile::PowerLevels& levels);

/// Adds the variables' names; all are sorted afterwards, each once.
void add_names(const profile::Environment& variables, Names& names);

bool is_ours(const std::string& variable, const Names& names);

/// Our variables among `environment`, sorted.
profile::Environment our_part(const profile::Environment& environment, const Names& names);

}  // namespace timectl::controller
