// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/time.hpp"
#include "system/files.hpp"
#include "system/rtc.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

/// The RTC's battery. Few chips report that it is low, and a DS3231 does not: only its age is left,
/// which the operator notes.
namespace timectl::rtc {

using Date = std::chrono::sys_days;

/// "2026-11-30" and nothing else.
std::optional<Date> parse_date(std::string_view text);
std::string format_date(Date date);

/// What is known of the battery's age.
struct BatteryNote {
  std::optional<Date> replaced;  ///< nullopt: no date is noted for this chip
  std::string damage;            ///< why the document says nothing, a sentence
  std::string remedy = {};       ///< of that damage, where noting the date anew is none

  bool operator==(const BatteryNote&) const = default;
};

/// /var/lib/timectl/battery.json. A date that was noted for another chip than `chip` does not
/// count: the battery is on its module. A document of its own, because the record of the RTC is
/// written anew by versions that know no battery, and forgotten by an operator who overrules it.
BatteryNote read_battery(const system::FileReader& files, std::string_view chip);

/// Throws what replacing a file throws, and Error{refused} in place of replacing a newer timectl's
/// document or another user's.
void note_battery(system::FileStore& files, Date replaced, std::string_view chip);

/// The day on which a battery is `years` old.
Date due_date(Date replaced, int years);

enum class BatteryState {
  not_watched,  ///< no date is noted, or none is to be watched
  good,
  low,        ///< the chip says so
  old,        ///< it is due
  not_known,  ///< the document cannot be used, or the date is of the future
};

struct BatteryVerdict {
  BatteryState state = BatteryState::not_watched;
  std::string summary;      ///< one line for people
  std::string cause;        ///< why it is not good
  std::string remedy = {};  ///< "" where nothing is to be done
};

/// `years`: after how many a battery is due, 0: its age is not watched.
BatteryVerdict judge_battery(const BatteryNote& note, int years,
                             const std::optional<system::RtcReading>& reading, WallTime now);

/// What to do about a battery that is low, old or in doubt.
inline constexpr auto battery_remedy =
    "replace the battery while the host runs, so that the time stays; then: "
    "timectl rtc battery --replaced";

}  // namespace timectl::rtc
