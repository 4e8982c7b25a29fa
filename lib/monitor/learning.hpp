// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "monitor/monitor.hpp"
#include "observe/judge.hpp"
#include "observe/observation.hpp"

namespace timectl::monitor {

/// Keeps what this tick teaches of the wander of the host's clocks: how the RTC ran when sources
/// have just come back, and once a day, when a block of the history was written, what the history
/// says of the frequency. Throws Error{io}.
void learn_wander(const observe::Observation& seen, const observe::HostTime& time, bool wrote_block,
                  const Ports& ports);

}  // namespace timectl::monitor
