// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/linux/bus.hpp"
#include "system/services.hpp"

#include <string>

namespace timectl::system::os {

/// The state of `unit` as systemd has it. It is loaded for the purpose where it is not, so this
/// also answers for a unit that never ran.
UnitState read_unit_state(const Bus& bus, const std::string& unit);

/// Manager.GetUnitProcesses of org.freedesktop.systemd1(5): of the unit's control group. An empty
/// list for a unit that has none, and for one that is not loaded: unlike its state this question
/// loads no unit.
std::vector<UnitProcess> read_processes(const Bus& bus, const std::string& unit);

}  // namespace timectl::system::os
