// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rtc/battery.hpp"

#include "base/checksum.hpp"
#include "rtc_scenario.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"
#include "support/fake_files.hpp"

using namespace timectl;
using namespace timectl::rtc;
using namespace timectl::test;

namespace {

const std::string battery_path = "/var/lib/timectl/battery.json";

BatteryNote noted(std::string_view date) { return {parse_date(date), ""}; }

BatteryState state_of(const BatteryNote& note, int years, std::string_view now) {
  return judge_battery(note, years, std::nullopt, at(now)).state;
}

}  // namespace

TEST_CASE("a date is read as it is written, and no other text is one") {
  for (const auto* date : {"2000-01-01", "2024-02-29", "2026-11-30"}) {
    CHECK(format_date(parse_date(date).value()) == date);
  }
  for (const auto* text : {"", "today", "2026-11-31", "2025-02-29", "2026-1-1", "26-01-01",
                           "2026-11-30 ", "@0", "2026-11-30T00:00:00Z"}) {
    INFO(text);
    CHECK_FALSE(parse_date(text));
  }
}

TEST_CASE("a battery is due as many years after the day on which it was put in") {
  CHECK(format_date(due_date(*parse_date("2023-11-30"), 3)) == "2026-11-30");
  CHECK(format_date(due_date(*parse_date("2024-02-29"), 1)) == "2025-02-28");
  CHECK(state_of(noted("2023-11-30"), 3, "2026-11-29T23:59:59Z") == BatteryState::good);
  CHECK(state_of(noted("2023-11-30"), 3, "2026-11-30T00:00:00Z") == BatteryState::old);
  CHECK(state_of(noted("2001-01-01"), 0, "2026-11-30T00:00:00Z") == BatteryState::good);
  CHECK(state_of({}, 3, "2026-11-30T00:00:00Z") == BatteryState::not_watched);
  CHECK(state_of({}, 0, "2026-11-30T00:00:00Z") == BatteryState::not_watched);
}

TEST_CASE("a battery's date in the future is not known to be right, but for the operator's zone") {
  CHECK(state_of(noted("2026-12-01"), 3, "2026-11-30T12:00:00Z") == BatteryState::good);
  CHECK(state_of(noted("2026-12-02"), 3, "2026-11-30T12:00:00Z") == BatteryState::not_known);
}

TEST_CASE("what the chip says of its battery comes first") {
  auto low = reading("2026-11-30T12:00:00Z");
  low.voltage_low = true;
  const auto now = at("2026-11-30T12:00:00Z");
  CHECK(judge_battery(noted("2026-11-01"), 3, low, now).state == BatteryState::low);
  CHECK(judge_battery({}, 0, low, now).state == BatteryState::low);
  low.voltage_low = false;  // of many drivers that means the time alone
  CHECK(judge_battery({}, 3, low, now).state == BatteryState::not_watched);
}

TEST_CASE("a battery's date is kept, for the chip that it was noted for") {
  FakeFiles files;
  CHECK(read_battery(files, "ds3231") == BatteryNote{});
  note_battery(files, *parse_date("2026-11-30"), "ds3231");
  CHECK(read_battery(files, "ds3231") == noted("2026-11-30"));
  CHECK(read_battery(files, "") == noted("2026-11-30"));
  CHECK(read_battery(files, "rv3028") == BatteryNote{});
  note_battery(files, *parse_date("2026-12-01"), "");
  CHECK(read_battery(files, "rv3028") == noted("2026-12-01"));
}

TEST_CASE(
    "a damaged note is said and replaced, a newer timectl's or another user's is left alone") {
  FakeFiles files;
  note_battery(files, *parse_date("2026-11-30"), "ds3231");
  const auto whole = files.at(battery_path);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto text = whole;
    text[at] = static_cast<char>(text[at] ^ 1);
    files.put(battery_path, text);
    CAPTURE(at);
    REQUIRE_FALSE(read_battery(files, "ds3231").replaced);
    REQUIRE(read_battery(files, "ds3231").damage.find(battery_path) != std::string::npos);
  }
  for (const auto* text : {R"({"schema": 2, "replaced": 3})", R"({"replaced": "2026-11-30"})"}) {
    files.put(battery_path, text);
    CHECK_FALSE(read_battery(files, "").damage.empty());
  }
  note_battery(files, *parse_date("2026-11-30"), "ds3231");
  CHECK(read_battery(files, "ds3231") == noted("2026-11-30"));
  files.put(battery_path, with_checksum("{\n \"schema\": 3\n}\n"));
  CHECK(error_of([&] { note_battery(files, *parse_date("2026-11-30"), ""); })->kind() ==
        ErrorKind::refused);
  files.put(battery_path, whole, 0666);
  CHECK_FALSE(read_battery(files, "ds3231").replaced);
  CHECK(error_of([&] { note_battery(files, *parse_date("2026-11-30"), ""); })->kind() ==
        ErrorKind::refused);
}
