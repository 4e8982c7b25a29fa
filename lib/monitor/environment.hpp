// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "profile/profile.hpp"
#include "quality/quality.hpp"

#include <string>
#include <vector>

/// The controller's variables: which are monitor's, and how a drop-in says them.
namespace timectl::monitor {

using Names = std::vector<std::string>;

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

}  // namespace timectl::monitor
