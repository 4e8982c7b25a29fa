// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

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
system::RootedPath leftover_path(const std::string& unit);

/// What the drop-in says while power may be saved; `server` is the address followed.
std::string drop_in_text(const profile::Environment& variables, const std::string& server);

/// The variables of such a text, sorted.
profile::Environment variables_of(const std::string& drop_in);

/// What it is to say in that state of the time, "" when it is not to be there: no level saves power
/// by a time that cannot be trusted.
std::string wanted_text(const profile::PowerLevels& levels, quality::State state,
                        const std::string& server);

/// The names of all variables that `levels` give, NTP_SERVER among them; sorted.
Names names_of(const profile::PowerLevels& levels);

/// Adds the variables' names; all are sorted afterwards, each once.
void add_names(const profile::Environment& variables, Names& names);

bool is_ours(const std::string& variable, const Names& names);

/// Our variables among `environment`, sorted.
profile::Environment our_part(const profile::Environment& environment, const Names& names);

}  // namespace timectl::controller
