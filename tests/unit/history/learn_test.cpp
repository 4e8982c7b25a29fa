// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/learn.hpp"

#include "new_year.hpp"
#include "support/catch.hpp"

#include <cmath>
#include <random>

using namespace timectl;
using namespace timectl::history;
using namespace std::chrono_literals;
using test::start;

namespace {

/// An island whose RTC gains `ppm`, read as a DS3231 is: whole seconds, at any part of one.
std::vector<Sample> island(double ppm, std::chrono::minutes span) {
  std::mt19937 random{7};
  std::uniform_real_distribution<double> part{-0.5, 0.5};
  std::vector<Sample> all;
  for (int minute = 0; minute < span.count(); ++minute) {
    Sample seen;
    seen.at = start + std::chrono::minutes{minute};
    seen.state = quality::State::rtc_only;
    seen.rtc_ahead_s = ppm * 1e-6 * 60 * minute + part(random);
    all.push_back(seen);
  }
  return all;
}

std::vector<Sample> growing(double per_second, int minutes) {
  std::vector<Sample> all;
  for (int minute = 0; minute < minutes; ++minute) {
    Sample seen;
    seen.at = start + std::chrono::minutes{minute};
    seen.state = quality::State::holdover;
    seen.bound_s = 0.1 + per_second * 60 * minute;
    all.push_back(seen);
  }
  return all;
}

}  // namespace

TEST_CASE("the drift of the RTC is learned from readings of whole seconds") {
  for (const double ppm : {-20.0, -2.0, 0.0, 2.0, 20.0}) {
    const auto drift = learn_drift(island(ppm, 72h));
    REQUIRE(drift);
    INFO(ppm << " ppm, learned " << drift->ppm << " +- " << drift->margin_ppm);
    CHECK(std::abs(drift->ppm - ppm) < 1.5 * drift->margin_ppm);
    CHECK(drift->margin_ppm < 0.2);
  }
}

TEST_CASE("an hour teaches nothing, and no RTC neither") {
  CHECK_FALSE(learn_drift({}));
  CHECK_FALSE(learn_drift(island(2, 60min)));
  auto blind = island(2, 24h);
  for (auto& seen : blind) seen.rtc_ahead_s = nothing;
  CHECK_FALSE(learn_drift(blind));
}

TEST_CASE("a host that follows UTC has its RTC written by the kernel: that is no drift") {
  auto all = island(2, 24h);
  for (auto& seen : all) seen.state = quality::State::traceable;
  CHECK_FALSE(learn_drift(all));
}

TEST_CASE("a client on an island has its RTC written by the kernel too") {
  auto all = island(2, 24h);
  for (auto& seen : all) seen.state = quality::State::island;
  CHECK_FALSE(learn_drift(all));
}

TEST_CASE("for nine hours after the sources were lost the kernel writes on: that teaches nothing") {
  auto all = island(0, 19h);
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].state = i < 60 ? quality::State::traceable : quality::State::holdover;
    if (i > 10 * 60) all[i].rtc_ahead_s += 50e-6 * 60 * static_cast<double>(i - 10 * 60);
  }
  const auto drift = learn_drift(all);
  REQUIRE(drift);
  CHECK(drift->span <= 9h);
  CHECK(drift->ppm == Approx(50).margin(10));
  all.resize(14 * 60);
  CHECK_FALSE(learn_drift(all));
}

TEST_CASE("a clock that was set ends what is learned from") {
  auto all = island(0, 48h);
  for (std::size_t i = 0; i < 24 * 60; ++i) all[i].rtc_ahead_s += 100;
  const auto drift = learn_drift(all);
  REQUIRE(drift);
  CHECK(drift->span < 25h);
  CHECK(std::abs(drift->ppm) < 3);
}

TEST_CASE("the forecast says when a growing bound passes the limit") {
  const auto left = forecast(growing(15e-6, 30), Seconds{5});
  REQUIRE(left);
  CHECK(left->count() == Approx((5 - 0.1 - 15e-6 * 60 * 29) / 15e-6).epsilon(1e-3));
}

TEST_CASE("there is no forecast for a bound that is still, known for minutes, or beyond already") {
  CHECK_FALSE(forecast({}, Seconds{5}));
  CHECK_FALSE(forecast(growing(0, 30), Seconds{5}));
  CHECK_FALSE(forecast(growing(15e-6, 5), Seconds{5}));
  CHECK_FALSE(forecast(growing(15e-6, 30), Seconds{0.05}));
  auto unknown = growing(15e-6, 30);
  unknown.back().bound_s = std::numeric_limits<double>::infinity();
  CHECK_FALSE(forecast(unknown, Seconds{5}));
}

TEST_CASE("a forecast begins anew with a new state") {
  auto all = growing(15e-6, 30);
  for (std::size_t i = 0; i < 18; ++i) {
    all[i].state = quality::State::traceable;
    all[i].bound_s = 3;
  }
  const auto left = forecast(all, Seconds{5});
  REQUIRE(left);
  CHECK(left->count() == Approx((5 - 0.1 - 15e-6 * 60 * 29) / 15e-6).epsilon(1e-3));
  all[19].state = quality::State::traceable;
  CHECK_FALSE(forecast(all, Seconds{5}));
}

TEST_CASE("what is learned sample by sample is what is learned from all of them") {
  DriftLearner learner;
  const auto all = island(20, 24h);
  for (const auto& sample : all) learner.add(sample);
  REQUIRE(learner.drift());
  CHECK(learner.drift()->ppm == Approx(learn_drift(all)->ppm));
  Sample traceable;
  traceable.at = all.back().at + 1min;
  traceable.state = quality::State::traceable;
  learner.add(traceable);
  CHECK_FALSE(learner.drift());
}
