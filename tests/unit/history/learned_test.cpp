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

double rtc_ppm(Seconds ahead, Seconds span) {
  Learned learned;
  add_run({ahead, span, start}, learned);
  return wander_of(learned).rtc * 1e6;
}

constexpr Seconds day{86400};

/// The readings of an hour before sources came back, each minute.
std::vector<Sample> hour_before(const Return& moment, double ahead_s) {
  std::vector<Sample> all;
  for (int minute = 60; minute > 0; --minute) {
    Sample seen;
    seen.boot = moment.boot;
    seen.state = quality::State::rtc_only;
    seen.selectable_sources = 0;
    // By a system clock that is three seconds fast.
    seen.at =
        std::chrono::floor<std::chrono::seconds>(moment.utc) - std::chrono::minutes{minute} + 3s;
    seen.rtc_ahead_s = ahead_s - 3 + (minute % 2 == 0 ? 0.2 : -0.2);
    seen.since_boot_s = (moment.since_boot - Seconds{60.0 * minute}).count();
    all.push_back(seen);
  }
  return all;
}

Return returned() {
  Return moment;
  moment.boot.fill(7);
  moment.utc = start + 500ms;
  moment.since_boot = 5h;
  return moment;
}

}  // namespace

TEST_CASE("without a record the bounds grow by the constants") {
  CHECK(wander_of({}).clock == usual.clock);
  CHECK(wander_of({}).rtc == usual.rtc);
  CHECK(clock_ppm(FrequencyLearner{}) == Approx(15));
}

TEST_CASE("a week of frequencies takes the place of the constant") {
  CHECK(clock_ppm(after(8 * 24h, -12, 1.5)) == Approx(3).margin(0.01));
  CHECK(clock_ppm(after(8 * 24h, 40, 20)) == Approx(40).margin(0.01));
}

TEST_CASE("one quiet week does not speak for the year") {
  CHECK(clock_ppm(after(8 * 24h, 3, 0.01)) == Approx(1));
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
  for (int day_number = 0; day_number < 20; ++day_number) {
    seen.at = start + std::chrono::days{day_number};
    seen.frequency_ppm = 2;
    learner.add(seen);
    seen.at += 1min;
    learner.add(seen);
  }
  REQUIRE(learner.spread());
  CHECK(learner.spread()->recorded == 20min);
}

TEST_CASE("a frequency that nobody is sure of, or of an island's clock, is none") {
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

TEST_CASE("some days after a long time without sources only widen what a week had taught") {
  Learned learned;
  learned.frequency = {-10, 20, 10 * day};
  add_spread({15, 24, 2 * day}, learned);
  CHECK(wander_of(learned).clock * 1e6 == Approx(34));
  add_spread({14, 17, 8 * day}, learned);
  CHECK(wander_of(learned).clock * 1e6 == Approx(3));
}

TEST_CASE("an RTC that was a week by itself is believed as far as it was seen to be right") {
  CHECK(rtc_ppm(Seconds{0}, 10h + 7 * day) == Approx(1e6 / (7 * 86400)));
  CHECK(rtc_ppm(Seconds{-20}, 10h + 180 * day) == Approx(21e6 / (180 * 86400)));
  CHECK(rtc_ppm(Seconds{120}, 10h + 180 * day) == Approx(121e6 / (180 * 86400)));
  CHECK(rtc_ppm(Seconds{0.1}, 10h + 180 * day) == Approx(1));
}

TEST_CASE("a shorter time shows only that an RTC is worse than its data sheet") {
  CHECK(rtc_ppm(Seconds{0}, 2 * day) == Approx(3.5));
  CHECK(rtc_ppm(Seconds{1.5}, 2 * day) == Approx(3.5));
  CHECK(rtc_ppm(Seconds{6}, 2 * day) == Approx(7e6 / (2 * 86400 - 36000)));
}

TEST_CASE("what cannot be drift teaches nothing") {
  CHECK(rtc_ppm(Seconds{3600}, 10 * day) == Approx(3.5));
  CHECK(rtc_ppm(Seconds{6}, Seconds{3600}) == Approx(3.5));
  CHECK(rtc_ppm(Seconds{6}, Seconds{-10 * day}) == Approx(3.5));
}

TEST_CASE("the worse of two runs stays, for a year") {
  Learned learned;
  add_run({Seconds{100}, 100 * day, start}, learned);
  add_run({Seconds{0}, 100 * day, start + std::chrono::days{200}}, learned);
  CHECK(learned.rtc->ahead == Seconds{100});
  add_run({Seconds{0}, 100 * day, start + std::chrono::days{400}}, learned);
  CHECK(learned.rtc->ahead == Seconds{0});
}

TEST_CASE("the RTC's error is read off before the sources came back") {
  const auto moment = returned();
  const auto ahead = rtc_before(moment, hour_before(moment, 4.2));
  REQUIRE(ahead);
  CHECK(ahead->count() == Approx(4.2).margin(0.6));
}

TEST_CASE("an RTC that the kernel may have set already says nothing") {
  const auto moment = returned();
  auto all = hour_before(moment, 4.2);
  SECTION("sources could be selected") {
    for (auto& seen : all) seen.selectable_sources = 1;
  }
  SECTION("chronyd did not say") {
    for (auto& seen : all) seen.selectable_sources = nothing;
  }
  SECTION("the host was synchronized") {
    for (auto& seen : all) seen.state = quality::State::traceable;
  }
  SECTION("it was another boot") {
    for (auto& seen : all) seen.boot.fill(8);
  }
  SECTION("somebody set it within the hour") {
    for (std::size_t i = 0; i < all.size() / 2; ++i) all[i].rtc_ahead_s += 2;
  }
  SECTION("nobody could read it") {
    for (auto& seen : all) seen.rtc_ahead_s = nothing;
  }
  SECTION("it was read four times") { all.resize(4); }
  CHECK_FALSE(rtc_before(moment, all));
}

TEST_CASE("what was learned is kept") {
  FakeFiles files;
  CHECK_FALSE(read_learned(files).frequency);
  write_learned(files, {start, FrequencySpread{-12.25, -11, 8 * day},
                        RtcRun{Seconds{2.5}, 30 * day, start + 1h}});
  const auto learned = read_learned(files);
  CHECK(learned.looked_at == start);
  REQUIRE(learned.frequency);
  CHECK(learned.frequency->least_ppm == -12.25);
  CHECK(learned.frequency->recorded == 8 * day);
  REQUIRE(learned.rtc);
  CHECK(learned.rtc->ahead == Seconds{2.5});
  CHECK(learned.rtc->at == start + 1h);
}

TEST_CASE("a file that is damaged, foreign or another version's lowers no bound") {
  FakeFiles files;
  write_learned(files, {start, FrequencySpread{-12, -11, 8 * day}, {}});
  auto text = files.at(path);
  SECTION("damaged") {
    text[text.size() / 2] ^= 1;
    files.put(path, text);
  }
  SECTION("without its checksum") {
    files.put(path, R"({"schema": 1, "looked_at": "2026-01-01T00:00:00Z"})");
  }
  SECTION("of the wrong shape") { files.put(path, "[]"); }
  SECTION("another user's") { files.put(path, text, 0666); }
  CHECK(wander_of(read_learned(files)).clock == usual.clock);
  CHECK_FALSE(read_learned(files).frequency);
}
