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
  follow_for(server, 8 * 24h, 4);
  CHECK(holdover_rate(server) == Approx(8).margin(0.1));
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

TEST_CASE(
    "what was learned outlives a power cut, and a host that learns nothing looks once a day") {
  Server server;
  follow_for(server, 8 * 24h, 4);
  server.clock.reboot();
  CHECK(history::wander_of(history::read_learned(server.files)).clock == Approx(8e-6).margin(1e-7));
  Server alone;
  be_alone(alone, 3h);
  const auto first = history::read_learned(alone.files);
  CHECK_FALSE(first.clock);
  CHECK(first.looked_at > WallTime{});
  be_alone(alone, 3h);
  CHECK(history::read_learned(alone.files).looked_at == first.looked_at);
}

TEST_CASE("a file of what was learned that is damaged is put right at the next look") {
  Server server;
  follow_for(server, 8 * 24h, 4);
  server.files.put("/var/lib/timectl/learned.json", "rot");
  CHECK(history::wander_of(history::read_learned(server.files)).clock > 100e-6);
  follow_for(server, 3h, 4);
  CHECK(history::wander_of(history::read_learned(server.files)).clock == Approx(8e-6).margin(1e-7));
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
        if (finding.summary == "what was learned of the clocks could not be written") ++said;
      }
    } catch (const Error&) {
      continue;  // its own state could not be written
    }
  }
  CHECK(said >= 2);
}
