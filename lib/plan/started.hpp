// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "plan/plan.hpp"

#include <optional>
#include <string>
#include <vector>

/// Whether what a plan started goes on running.
namespace timectl::plan {

/// The units that the plan starts or restarts, each once.
std::vector<std::string> started_units(const Plan& plan);

/// Why a unit that was started does not run: "chrony.service has failed (exit-code)". Only failure
/// counts, and being started over and over. Inactive does not: that is a oneshot that is done, or
/// a condition that is not met (no time daemon runs in a container).
std::optional<std::string> why_down(const std::string& unit, const system::UnitState& state);

}  // namespace timectl::plan
