// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "command.hpp"
#include "context.hpp"

#include <optional>
#include <string>

namespace timectl::cli {

/// rtc battery: shows what is noted of the RTC's battery. With `replaced` that is noted before: a
/// date, or "" for today.
ExitStatus show_battery(Context& context, const std::optional<std::string>& replaced);

}  // namespace timectl::cli
