// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "monitor/monitor.hpp"

#include <span>
#include <string>

namespace timectl::monitor {

/// Before the host changes so that ticks gate `next` ("": none): the controller that was gated
/// until now, if it is another one, would go on saving power while nobody judges it. Power saving
/// is taken away from it, and it is forgotten. Throws Error when /run cannot be written.
Tick withdraw_from_controller(const Ports& ports, std::span<const Step> steps,
                              const std::string& next);

}  // namespace timectl::monitor
