// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "commands/rtc_battery.hpp"

#include "commands/rtc_place.hpp"
#include "observe/judge.hpp"
#include "rtc/battery.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace timectl::cli {

namespace {

constexpr auto how_to_date = "give the date: timectl rtc battery --replaced YYYY-MM-DD";
constexpr rtc::Date earliest{std::chrono::year{2000} / 1 / 1};

/// By a validated RTC that agrees with it, or by sources alone.
bool is_clock_trusted(Context& context, const Place& place) {
  const auto seen = observe_time(context, place);
  const bool agrees = seen.rtc.is_trusted() && rtc::agrees_with_system(seen.rtc.reading);
  return agrees || observe::is_synchronized(seen, place.limits);
}

rtc::Date today(Context& context) {
  return std::chrono::floor<std::chrono::days>(context.clock().now());
}

rtc::Date trusted_today(Context& context, const Place& place) {
  if (context.is_offline()) {
    throw Error{ErrorKind::usage, "cannot note today for a battery below '--root'", how_to_date};
  }
  if (is_clock_trusted(context, place)) return today(context);
  throw Error{ErrorKind::refused,
              fmt::format("cannot note today as the date of the battery: nothing confirms the "
                          "system clock, which says {}",
                          format_utc(context.clock().now())),
              how_to_date};
}

rtc::Date given_date(Context& context, const std::string& text) {
  const auto date = rtc::parse_date(text);
  if (!date) {
    throw Error{ErrorKind::usage,
                fmt::format("cannot read '{}' as a date: expected one like 2026-11-20", text)};
  }
  if (*date < earliest) {
    throw Error{ErrorKind::usage, fmt::format("cannot note '{}' as the date of the battery: it is "
                                              "before {}",
                                              text, rtc::format_date(earliest))};
  }
  // The operator's day may have begun before UTC's.
  if (*date > today(context) + std::chrono::days{1}) {
    throw Error{ErrorKind::usage,
                fmt::format("cannot note '{}' as the date of the battery: it is in the future of "
                            "the system clock, which says {}",
                            text, format_utc(context.clock().now())),
                "where that is wrong: timectl rtc set --time first"};
  }
  return *date;
}

nlohmann::ordered_json document(const profile::RtcFeature& rtc, const rtc::BatteryNote& note,
                                bool is_due) {
  nlohmann::ordered_json json;
  json["schema"] = 1;
  json["chip"] = rtc.chip;
  json["battery_years"] = rtc.battery_years;
  json["replaced"] = nullptr;
  json["due"] = nullptr;
  json["is_due"] = is_due;
  if (!note.replaced) return json;
  json["replaced"] = rtc::format_date(*note.replaced);
  if (rtc.battery_years > 0) {
    json["due"] = rtc::format_date(rtc::due_date(*note.replaced, rtc.battery_years));
  }
  return json;
}

void print(Report& report, const profile::RtcFeature& rtc, const rtc::BatteryNote& note,
           const rtc::BatteryVerdict& judged) {
  report.line(judged.summary);
  if (!judged.cause.empty()) report.line(judged.cause);
  if (!note.replaced || judged.state != rtc::BatteryState::good) return;
  report.line(rtc.battery_years == 0
                  ? "its age is not watched (battery_years: 0)"
                  : fmt::format("it is due on {} (battery_years: {})",
                                rtc::format_date(rtc::due_date(*note.replaced, rtc.battery_years)),
                                rtc.battery_years));
}

}  // namespace

ExitStatus show_battery(Context& context, const std::optional<std::string>& replaced) {
  const auto place = find_place(context);
  const auto& rtc = *place.host.rtc;
  if (replaced) {
    const auto date =
        replaced->empty() ? trusted_today(context, place) : given_date(context, *replaced);
    rtc::note_battery(context.files(), date, place.is_rtc_guessed ? "" : rtc.chip);
  }
  const auto note = rtc::read_battery(context.files(), place.is_rtc_guessed ? "" : rtc.chip);
  const auto judged =
      rtc::judge_battery(note, rtc.battery_years, std::nullopt, context.clock().now());
  if (!note.damage.empty()) throw Error{ErrorKind::io, note.damage, how_to_date};
  const bool is_due = judged.state == rtc::BatteryState::old;
  if (context.options().json) {
    context.report().json(document(rtc, note, is_due));
  } else {
    print(context.report(), rtc, note, judged);
  }
  return is_due ? ExitStatus::answer_is_no : ExitStatus::done;
}

}  // namespace timectl::cli
