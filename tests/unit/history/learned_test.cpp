// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/learned.hpp"

#include "new_year.hpp"
#include "support/catch.hpp"
#include "support/fake_files.hpp"

#include <cmath>
#include <string>

using namespace timectl;
using namespace timectl::history;
using namespace std::chrono_literals;
using test::FakeFiles;
using test::start;

namespace {

const std::string path = "/var/lib/timectl/learned.json";
constexpr quality::Wander usual;
constexpr Seconds day{86400};

/// A check each minute of a synchronized host whose frequency goes up and down once a day.
FrequencyLearner after(std::chrono::minutes span, double middle_ppm, double swing_ppm) {
  FrequencyLearner learner;
  for (int minute = 0; minute <= span.count(); ++minute) {
    Sample seen;
    seen.at = start + std::chrono::minutes{minute};
    seen.state = quality::State::traceable;
    seen.frequency_ppm = middle_ppm + swing_ppm * std::sin(minute * 2 * 3.14159265 / 1440);
    seen.skew_ppm = 0.05;
    learner.add(seen);
  }
  return learner;
}

double clock_ppm(const FrequencyLearner& learner) {
  return wander_of({start, learner.spread(), {}}).clock * 1e6;
}

/// Of an RTC that drifts like that beside a clock that went as far as `clock_ppm` in ten days.
double rtc_ppm(const Drift& drift, double clock_ppm = 0.5, Seconds recorded = 10 * day) {
  Learned learned;
  learned.clock = {clock_ppm, recorded, start};
  if (const auto rate = rate_of_rtc(drift, learned, start)) add(*rate, learned.rtc);
  return wander_of(learned).rtc * 1e6;
}

}  // namespace

TEST_CASE("without a record the bounds grow by the constants") {
  CHECK(wander_of({}).clock == usual.clock);
  CHECK(wander_of({}).rtc == usual.rtc);
  CHECK(clock_ppm(FrequencyLearner{}) == Approx(15));
}

TEST_CASE("a week of frequencies takes the place of the constant") {
  CHECK(clock_ppm(after(8 * 24h, -12, 4)) == Approx(8).margin(0.01));
  CHECK(clock_ppm(after(8 * 24h, 40, 20)) == Approx(40).margin(0.01));
}

TEST_CASE("one quiet week does not speak for the year") {
  CHECK(clock_ppm(after(8 * 24h, 3, 0.01)) == Approx(5));
}

TEST_CASE("less than a week makes bounds larger and never smaller") {
  CHECK(clock_ppm(after(6 * 24h, 0, 1)) == Approx(15));
  CHECK(clock_ppm(after(2 * 24h, 0, 20)) == Approx(40).margin(0.01));
}

TEST_CASE("only what was seen counts as recorded, not the gaps between") {
  FrequencyLearner learner;
  Sample seen;
  seen.state = quality::State::traceable;
  seen.skew_ppm = 0.1;
  seen.frequency_ppm = 2;
  for (int day_number = 0; day_number < 20; ++day_number) {
    seen.at = start + std::chrono::days{day_number};
    learner.add(seen);
    seen.at += 1min;
    learner.add(seen);
  }
  REQUIRE(learner.spread());
  CHECK(learner.spread()->recorded == 20min);
}

TEST_CASE("an uncertain frequency, or one of a clock in island mode, does not count") {
  Sample seen;
  seen.state = quality::State::traceable;
  seen.frequency_ppm = 900;
  seen.skew_ppm = 300;
  FrequencyLearner learner;
  learner.add(seen);
  seen.skew_ppm = 0.1;
  seen.state = quality::State::island;
  learner.add(seen);
  seen.state = quality::State::traceable;
  seen.frequency_ppm = nothing;
  learner.add(seen);
  CHECK_FALSE(learner.spread());
}

TEST_CASE("the largest spread stays for a year") {
  std::optional<Spread> known;
  add({12, 8 * day, start}, known);
  add({2, 20 * day, start + std::chrono::days{60}}, known);
  CHECK(known->ppm == 12);
  CHECK(known->recorded == 20 * day);
  add({14, 2 * day, start + std::chrono::days{300}}, known);
  CHECK(known->ppm == 14);
  CHECK(known->recorded == 20 * day);
  add({2, 8 * day, start + std::chrono::days{700}}, known);
  CHECK(known->ppm == 2);
  CHECK(known->recorded == 8 * day);
}

TEST_CASE("a record from the future, as of a clock that was wrong, does not stay") {
  std::optional<Spread> known = Spread{40, 8 * day, start + std::chrono::days{3000}};
  add({2, 8 * day, start}, known);
  CHECK(known->ppm == 2);
}

TEST_CASE("a week in which the RTC kept to the clock makes its bound smaller") {
  CHECK(rtc_ppm({0.8, 0.1, 7 * day}) == Approx(1.4));
  CHECK(rtc_ppm({-0.2, 0.1, 7 * day}, 0.1) == Approx(1));
  CHECK(rtc_ppm({0.8, 0.1, 3 * day}) == Approx(5));
  CHECK(rtc_ppm({0.8, 0.1, 7 * day}, 6) == Approx(5));
}

TEST_CASE("an RTC that is surely worse than its data sheet makes its bound larger") {
  CHECK(rtc_ppm({-20, 0.4, 7 * day}) == Approx(20.9));
  CHECK(rtc_ppm({20, 2, 1 * day}, 1) == Approx(23));
  CHECK(rtc_ppm({5.5, 0.4, 3 * day}) == Approx(5));
  // No bound grows by less than was measured.
  CHECK(rtc_ppm({5.5, 0.4, 7 * day}) == Approx(6.4));
}

TEST_CASE("an RTC without compensation is measured against its own chip's data sheet") {
  constexpr double plain = 90e-6;
  const quality::Wander usual_with_plain{usual.clock, plain};
  Learned learned;
  CHECK(wander_of(learned, usual_with_plain).rtc == plain);
  learned.clock = {0.5, 10 * day, start};
  CHECK_FALSE(rate_of_rtc({50, 0.4, 3 * day}, learned, start, plain));
  CHECK(rate_of_rtc({50, 0.4, 7 * day}, learned, start, plain)->ppm == Approx(50.9));
  CHECK(rate_of_rtc({-100, 0.4, 3 * day}, learned, start, plain)->ppm == Approx(100.9));
  CHECK(rate_of_rtc({100, 17, 7 * day}, learned, start, plain)->ppm == Approx(117.5));
  // A good week counts until it shows that it no longer holds.
  learned.rtc = {3, 7 * day, start};
  CHECK(rate_of_rtc({40, 2, 8h}, learned, start, plain)->ppm == Approx(42.5));
  CHECK_FALSE(rate_of_rtc({4, 2, 8h}, learned, start, plain));
  learned.is_damaged = true;
  CHECK(wander_of(learned, usual_with_plain).rtc == Approx(200e-6));
  CHECK(wander_of(learned, usual).rtc == Approx(20e-6));
}

TEST_CASE("beside a clock of which less than a week is known the RTC's drift says nothing") {
  CHECK(rtc_ppm({-50, 0.1, 7 * day}, 0.5, 6 * day) == Approx(5));
  CHECK_FALSE(rate_of_rtc({-50, 0.1, 7 * day}, {}, start));
}

TEST_CASE("what was learned is kept") {
  FakeFiles files;
  CHECK_FALSE(read_learned(files).clock);
  CHECK_FALSE(read_learned(files).is_damaged);
  write_learned(files,
                {start, Spread{1.25, 8 * day, start + 1h}, Spread{2.5, 7 * day, start + 2h}});
  const auto learned = read_learned(files);
  CHECK(learned.looked_at == start);
  REQUIRE(learned.clock);
  CHECK(learned.clock->ppm == 1.25);
  CHECK(learned.clock->recorded == 8 * day);
  CHECK(learned.clock->at == start + 1h);
  REQUIRE(learned.rtc);
  CHECK(learned.rtc->ppm == 2.5);
}

TEST_CASE("what was learned of another chip does not count, and of the clock it does") {
  FakeFiles files;
  const Spread spread{2.5, 8 * day, start};
  write_learned(files, {start, spread, spread, "ds3231"});
  CHECK(read_learned(files, "ds3231").rtc);
  CHECK(read_learned(files).rtc);
  auto other = read_learned(files, "ds1307");
  CHECK_FALSE(other.rtc);
  CHECK(other.clock);
  CHECK(other.is_of_other_chip);
  other.chip_since = start + 1h;
  write_learned(files, other);
  other = read_learned(files, "ds1307");
  CHECK_FALSE(other.is_of_other_chip);
  CHECK(other.chip_since == start + 1h);
  write_learned(files, {start, spread, spread});  // by a version that named no chip
  CHECK(read_learned(files, "ds1307").rtc);
}

TEST_CASE("a damaged or foreign file of what was learned makes no bound smaller") {
  for (const double ppm : {0.5, 19.0}) {
    FakeFiles files;
    write_learned(files, {start, Spread{ppm, 8 * day, start}, Spread{ppm, 8 * day, start}});
    const auto before = wander_of(read_learned(files));
    const auto text = files.at(path);
    auto flipped = text;
    flipped[text.size() / 2] ^= 1;
    const auto unchecked = R"({"schema": 1, "looked_at": "2026-01-01T00:00:00Z"})";
    for (const auto& content :
         {flipped, std::string{}, std::string{unchecked}, std::string{"[]"}}) {
      files.put(path, content);
      CHECK(read_learned(files).is_damaged);
      CHECK(wander_of(read_learned(files)).clock > before.clock);
      CHECK(wander_of(read_learned(files)).rtc > before.rtc);
    }
    files.put(path, text, 0666);  // another user may have written it
    CHECK(read_learned(files).is_damaged);
  }
}
