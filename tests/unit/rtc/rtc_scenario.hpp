// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/error.hpp"
#include "base/time.hpp"
#include "rtc/rtc.hpp"
#include "system/rtc.hpp"

#include <optional>
#include <string_view>

/// The DS3231 of a site whose timectl was built on 20 November and that was validated on
/// 1 December.
namespace timectl::test {

inline WallTime at(std::string_view text) { return parse_utc(text).value(); }

inline const WallTime built = at("2026-11-20T00:00:00Z");

inline std::optional<system::RtcDevice> ds3231() {
  return system::RtcDevice{"rtc1", "rtc-ds1307 1-0068", "ds3231", "1-0068", false};
}

/// The RTC says `time`, and the system clock `system_time` (by default the same).
inline system::RtcReading reading(std::string_view time, std::string_view system_time = "") {
  system::RtcReading reading;
  reading.time = at(time);
  reading.system_time = system_time.empty() ? reading.time : at(system_time);
  return reading;
}

inline system::RtcReading failed(system::RtcHealth health) {
  system::RtcReading reading;
  reading.health = health;
  return reading;
}

inline rtc::Record validated() {
  const auto time = at("2026-12-01T12:00:00Z");
  return {time, time, true, "sources", time, time};
}

}  // namespace timectl::test
