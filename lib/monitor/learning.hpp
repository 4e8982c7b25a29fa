// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "history/learn.hpp"
#include "history/learned.hpp"
#include "monitor/monitor.hpp"

#include <optional>

namespace timectl::monitor {

/// Once a day: keeps what the history says of the wander of the host's clocks. `known` is what was
/// learned before, `drift` how the RTC drifts from the system clock, `usual_rtc` how far its chip
/// may. Throws Error{io}.
void learn_wander(history::Learned known, const std::optional<history::Drift>& drift,
                  double usual_rtc, WallTime now, const Ports& ports);

}  // namespace timectl::monitor
