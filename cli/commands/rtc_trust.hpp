// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "command.hpp"
#include "context.hpp"

/// The subcommands of timectl rtc that say whether the RTC can be trusted, and act on it.
namespace timectl::cli {

/// rtc show: the RTC's time, and whether it can be trusted.
ExitStatus show_rtc(Context& context);

}  // namespace timectl::cli
