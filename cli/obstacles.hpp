// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "context.hpp"
#include "plan/plan.hpp"

#include <optional>

/// What is known to make a plan impossible. It is said before the plan is shown, because a reader
/// should not find that out below 200 lines of diffs.
namespace timectl::cli {

/// Whether `provision` may install packages.
enum class Packages { installed, not_installed };

/// The units that provision writes call timectl: without it they would fail at every boot.
std::optional<Error> find_missing_timectl(const Site& site);

/// nullopt when nothing is known that hinders it. `refusal` is apt's (forecast_packages()).
std::optional<Error> find_obstacle(const Context& context, const Site& site, const plan::Plan& plan,
                                   Packages packages, const std::optional<Error>& refusal);

/// Says it on stderr, for commands that only show a plan.
void warn_of_obstacle(Context& context, const std::optional<Error>& obstacle);

}  // namespace timectl::cli
