// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "history/learned.hpp"
#include "observe/judge.hpp"
#include "site.hpp"
#include "support/catch.hpp"

#include <cmath>

using namespace timectl;
using namespace timectl::monitor;
using namespace timectl::test;
using namespace std::chrono_literals;

namespace {

/// A check each five minutes with live sources.
void follow_for(Server& server, std::chrono::minutes span, double swing_ppm) {
  for (auto passed = 0min; passed < span; passed += 5min) {
    server.clock.advance(5min);
    server.sources_arrive();
    server.daemons.tracking->frequency_ppm =
        -20 + swing_ppm * std::sin(static_cast<double>(passed.count()) / 200.0);
    server.daemons.tracking->skew_ppm = 0.1;
    server.tick();
  }
}

/// A check each minute without.
Tick be_alone(Server& server, std::chrono::minutes span) {
  server.daemons.run_unsynchronized();
  Tick tick;
  for (auto passed = 0min; passed < span; passed += 1min) {
    server.clock.advance(1min);
    tick = server.tick();
  }
  return tick;
}

double holdover_rate(Server& server) {
  const auto early = be_alone(server, 1h);
  CHECK(early.judgement.state == quality::State::holdover);
  server.clock.advance(10h);
  const auto late = server.tick();
  CHECK(late.judgement.state == quality::State::holdover);
  return (late.judgement.bound - early.judgement.bound) / 10h * 1e6;
}

}  // namespace

TEST_CASE("after a week with sources the bound of a holdover grows by what was measured") {
  Server server;
  follow_for(server, 8 * 24h, 1);
  CHECK(holdover_rate(server) == Approx(2).margin(0.1));
}

TEST_CASE("a week of a clock that wanders more makes the bound grow faster than the constant") {
  Server server;
  follow_for(server, 8 * 24h, 12);
  CHECK(holdover_rate(server) == Approx(24).margin(0.5));
}

TEST_CASE("some days with sources leave the constant") {
  Server server;
  follow_for(server, 72h, 1);
  CHECK(holdover_rate(server) == Approx(15).margin(0.1));
}

TEST_CASE("an RTC is measured when sources come back, and a power cut does not forget it") {
  Server server;
  follow_for(server, 1h, 1);
  be_alone(server, 30min);
  // Forty days without sources; the RTC loses seven seconds, and so does the clock at its boot.
  const std::chrono::seconds lost{7};
  server.clock.advance(40 * 24h);
  server.clock.reboot();
  server.rtcs.run_ahead(-lost);
  server.clock.set(server.clock.now() - lost);
  server.rtcs.run_ahead(0s);
  be_alone(server, 30min);
  // chronyd steps the clock.
  server.clock.set(server.clock.now() + lost);
  server.rtcs.run_ahead(-lost);
  server.clock.advance(1min);
  server.sources_arrive();
  server.tick();
  const auto learned = history::read_learned(server.files);
  REQUIRE(learned.rtc);
  CHECK(learned.rtc->ahead.count() == Approx(-7).margin(1));
  CHECK(learned.rtc->span / 24h == Approx(40).margin(0.2));
  const double expected = 8.0 / (40 * 86400 - 36000);
  CHECK(history::wander_of(learned).rtc == Approx(expected).margin(0.4e-6));
  const auto time_of_run = learned.rtc->at;
  // The kernel has set the RTC; the next checks add nothing to it.
  server.rtcs.run_ahead(0s);
  follow_for(server, 2h, 1);
  CHECK(history::read_learned(server.files).rtc->at == time_of_run);
}

TEST_CASE("what was learned and cannot be kept is a finding, and the tick goes on") {
  int said = 0;
  for (int write = 1; write <= 16; ++write) {
    Server server;
    follow_for(server, 150min, 1);
    server.clock.advance(5min);
    server.sources_arrive();
    server.files.fail_on_write(write);
    try {
      for (const auto& finding : server.tick().findings) {
        if (finding.summary == "what was learned could not be kept") ++said;
      }
    } catch (const Error&) {
      continue;  // its own state could not be written
    }
  }
  CHECK(said >= 2);
}
