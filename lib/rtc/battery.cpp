// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rtc/battery.hpp"

#include "base/error.hpp"
#include "kept/document.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace timectl::rtc {

namespace {

const system::RootedPath battery_path{"/var/lib/timectl/battery.json"};

Date today(WallTime now) { return std::chrono::floor<std::chrono::days>(now); }

std::string age_of(Date replaced, WallTime now) {
  const auto days = (today(now) - replaced).count();
  if (days < 1) return "today";
  return days < 365 ? fmt::format("{} d ago", days)
                    : fmt::format("{:.1f} years ago", static_cast<double>(days) / 365.25);
}

BatteryVerdict judge_age(Date replaced, int years, WallTime now) {
  const auto date = format_date(replaced);
  // A day more: the date is the operator's, the clock's is UTC.
  if (replaced > today(now) + std::chrono::days{1}) {
    return {
        BatteryState::not_known, fmt::format("the RTC's battery was put in on {}", date),
        fmt::format("that is in the future of the system clock ({})", format_utc(now)),
        "if the clock is behind: timectl rtc set --time TIME; if the date is wrong: timectl rtc "
        "battery --replaced DATE"};
  }
  const auto summary =
      fmt::format("the RTC's battery was put in on {}, {}", date, age_of(replaced, now));
  if (years == 0 || today(now) < due_date(replaced, years)) {
    return {BatteryState::good, summary, ""};
  }
  return {BatteryState::old, summary,
          fmt::format("it was due on {} (battery_years: {}), and few chips tell before it is empty",
                      format_date(due_date(replaced, years)), years),
          battery_remedy};
}

}  // namespace

std::optional<Date> parse_date(std::string_view text) {
  const auto time = parse_utc(std::string{text} + "T00:00:00Z");
  if (!time || format_date(today(*time)) != text) return std::nullopt;
  return today(*time);
}

std::string format_date(Date date) { return format_utc(date).substr(0, 10); }

BatteryNote read_battery(const system::FileReader& files, std::string_view chip) {
  BatteryNote note;
  try {
    const auto document = kept::read_document(files, battery_path);
    if (!document) return note;
    const auto noted = document->value("chip", "");
    if (!noted.empty() && !chip.empty() && noted != chip) return note;
    note.replaced = parse_date(document->value("replaced", ""));
    if (!note.replaced) kept::refuse_damaged(battery_path);
  } catch (const Error& error) {
    note.damage = error.what();
    note.remedy = error.hint();
  } catch (const nlohmann::ordered_json::exception&) {
    note.damage = fmt::format("cannot use '{}': it is damaged", battery_path.text());
  }
  return note;
}

void note_battery(system::FileStore& files, Date replaced, std::string_view chip) {
  nlohmann::ordered_json document;
  document["schema"] = kept::document_schema;
  if (!chip.empty()) document["chip"] = chip;
  document["replaced"] = format_date(replaced);
  kept::replace_document(files, battery_path, document);
}

Date due_date(Date replaced, int years) {
  auto due = std::chrono::year_month_day{replaced} + std::chrono::years{years};
  if (!due.ok()) due = due.year() / due.month() / std::chrono::last;
  return due;
}

BatteryVerdict judge_battery(const BatteryNote& note, int years,
                             const std::optional<system::RtcReading>& reading, WallTime now) {
  if (reading && reading->voltage_low.value_or(false)) {
    return {BatteryState::low, "the RTC's battery is low",
            "the chip says so (RTC_VL_READ): it will not outlive a long power cut", battery_remedy};
  }
  if (!note.damage.empty()) {
    return {BatteryState::not_known, "it is not known when the RTC's battery was put in",
            note.damage,
            note.remedy.empty() ? "note the date anew: timectl rtc battery --replaced DATE"
                                : note.remedy};
  }
  if (note.replaced) return judge_age(*note.replaced, years, now);
  // That a driver does not say "low" proves nothing: most drivers only report that the time is
  // void.
  if (years == 0) return {BatteryState::not_watched, "the age of the battery is not watched", ""};
  return {BatteryState::not_watched,
          "no date is noted for the RTC's battery: timectl rtc battery --replaced DATE", ""};
}

}  // namespace timectl::rtc
