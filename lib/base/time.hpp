// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace timectl {

/// UTC as the kernel's realtime clock shows it (CLOCK_REALTIME: leap seconds are not counted).
using WallTime = std::chrono::sys_time<std::chrono::nanoseconds>;

/// A measured or claimed time span, in seconds.
using Seconds = std::chrono::duration<double>;

/// "2026-11-20T13:28:46Z"; whole seconds, any year.
std::string format_utc(WallTime time);

/// Reads what format_utc writes, "2026-11-20 13:28:46" (UTC), or "@seconds since 1970".
std::optional<WallTime> parse_utc(std::string_view text);

/// A span as a person says it: "1.2 µs", "-3.4 ms", "12 s", "5 min", "3.5 h", "4 d".
std::string format_span(Seconds span);

WallTime wall_time_from_seconds(double seconds_since_1970);
double seconds_since_1970(WallTime time);

}  // namespace timectl
