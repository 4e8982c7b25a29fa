// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "plan/plan.hpp"

#include <optional>
#include <string>
#include <vector>

namespace timectl::reach {

/// How the plan ends logins by a serial port, half a sentence each: a login there that it stops,
/// and `console=` words that the kernel's command line loses (the firmware's cmdline.txt). They are
/// a way to the host that no address shows, and often the last one.
std::vector<std::string> lost_consoles(const plan::Plan& plan);

}  // namespace timectl::reach
