// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/finding.hpp"
#include "system/services.hpp"

#include <string>

namespace timectl::probe {

/// The command that takes the mask of `unit` away, by the place it is at (`state.fragment_path`):
/// `systemctl unmask` alone leaves a mask of --runtime, and either leaves one of a package.
std::string unmask_command(const std::string& unit, const system::UnitState& state);

/// A daemon that does its work and will not after the next boot is a warning; any other finding
/// stays as it is, and so does this one where systemd cannot be asked.
Finding warn_if_masked(Finding finding, const std::string& unit,
                       const system::ServiceReader& services);

}  // namespace timectl::probe
