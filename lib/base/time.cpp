// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/time.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdio>

namespace timectl {

namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hh_mm_ss;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
  }
  return static_cast<int>(*to_integer(text.substr(at, count)));
}

bool has_calendar_shape(std::string_view text) {
  return text.size() == 19 && text[4] == '-' && text[7] == '-' &&
         (text[10] == 'T' || text[10] == ' ') && text[13] == ':' && text[16] == ':';
}

}  // namespace

std::string format_utc(WallTime time) {
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{floor<seconds>(time - day)};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::optional<WallTime> parse_utc(std::string_view text) {
  text = trim(text);
  if (text.starts_with('@')) {
    const auto value = to_number(text.substr(1));
    if (!value || std::abs(*value) > 9e9) return std::nullopt;
    return wall_time_from_seconds(*value);
  }
  if (text.ends_with('Z')) text.remove_suffix(1);
  if (!has_calendar_shape(text)) return std::nullopt;
  std::array<int, 6> field{};
  constexpr std::array<std::size_t, 6> starts{0, 5, 8, 11, 14, 17};
  for (std::size_t i = 0; i < field.size(); ++i) {
    const auto value = digits(text, starts[i], i == 0 ? 4 : 2);
    if (!value) return std::nullopt;
    field[i] = *value;
  }
  const year_month_day date{std::chrono::year{field[0]},
                            std::chrono::month{static_cast<unsigned>(field[1])},
                            std::chrono::day{static_cast<unsigned>(field[2])}};
  // sys_time in nanoseconds ends in 2262; a DS3231 ends in 2199.
  if (!date.ok() || field[0] < 1900 || field[0] > 2200) return std::nullopt;
  if (field[3] > 23 || field[4] > 59 || field[5] > 59) return std::nullopt;
  return sys_days{date} + std::chrono::hours{field[3]} + std::chrono::minutes{field[4]} +
         seconds{field[5]};
}

std::string format_span(Seconds span) {
  struct Unit {
    double size;
    const char* name;
  };
  constexpr std::array<Unit, 7> units{
      {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}, {1e-9, "ns"}}};
  const double value = span.count();
  if (!std::isfinite(value)) return "unknown";
  for (const auto& unit : units) {
    // A minute is said as "90 s": people stop counting seconds at about two minutes.
    const double at_least = unit.size > 1 ? 2 * unit.size : unit.size;
    if (std::abs(value) >= at_least) return fmt::format("{:.3g} {}", value / unit.size, unit.name);
  }
  return "0 s";
}

WallTime wall_time_from_seconds(double seconds_since_1970) {
  return WallTime{std::chrono::round<nanoseconds>(Seconds{seconds_since_1970})};
}

double seconds_since_1970(WallTime time) { return Seconds{time.time_since_epoch()}.count(); }

}  // namespace timectl
