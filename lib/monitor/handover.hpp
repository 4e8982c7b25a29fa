// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "monitor/monitor.hpp"

#include <span>
#include <string>

namespace timectl::monitor {

/// Before a change after which ticks control the unit `next` ("": none): another controller that
/// saves power now would continue without a check. Withdraws its power saving and forgets it.
/// Throws Error when /run cannot be written.
Tick withdraw_from_controller(const Ports& ports, std::span<const Step> steps,
                              const std::string& next);

}  // namespace timectl::monitor
