// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "facts/detector.hpp"

namespace timectl::features {

/// What sets the clock besides a time daemon: enabled units, rc.local, root's cron jobs, udev rules
/// and network hooks, and the scripts that these run. Reads files of root alone, within limits.
facts::ClockSetters find_clock_setters(const system::FileReader& files,
                                       const system::ServiceReader& services);

void add_clock_setters(const facts::Ports& ports, facts::Facts& facts);

}  // namespace timectl::features
