// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "command.hpp"
#include "context.hpp"

/// The subcommands of timectl rtc that say whether the RTC may be believed, and act on it.
namespace timectl::cli {

/// rtc show: what it says, and whether that may be believed.
ExitStatus show_rtc(Context& context);

}  // namespace timectl::cli
