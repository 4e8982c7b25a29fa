// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/ring.hpp"
#include "rtc/rtc.hpp"
#include "site.hpp"
#include "support/catch.hpp"

using namespace timectl;
using namespace timectl::monitor;
using namespace timectl::test;
using namespace std::chrono_literals;

namespace {

constexpr int inserted = 1;
constexpr int left_out = -1;

/// The kernel's clock says a second twice where one is inserted, and passes over one that is left
/// out (kernel/time/ntp.c: second_overflow). The RTC knows nothing of either: it is a second ahead,
/// or behind, until the kernel sets it.
void leap(MonitoredHost& host, int second) {
  host.clock.set(host.clock.now() - std::chrono::seconds{second});
  host.rtcs.run_ahead(std::chrono::seconds{second});
}

}  // namespace

TEST_CASE("a server with sources lives through a leap second of either sign") {
  for (const int second : {inserted, left_out}) {
    INFO(second);
    Server server;
    for (int minute = 0; minute < 10; ++minute) {
      server.clock.advance(1min);
      server.sources_arrive();
      server.daemons.tracking->leap = second > 0 ? "Insert second" : "Delete second";
      CHECK(server.tick().judgement.state == quality::State::traceable);
    }
    leap(server, second);
    for (int minute = 0; minute < 10; ++minute) {
      server.clock.advance(1min);
      server.sources_arrive();
      server.daemons.tracking->leap = "Normal";
      const auto tick = server.tick();
      CHECK(tick.judgement.state == quality::State::traceable);
      CHECK(tick.alerts.empty());
      CHECK(rtc::read_record(server.files)->validated_by == "sources");
    }
    CHECK(history::read_latest(server.files).size() == 20);
  }
}

TEST_CASE("an island lives through one too: its bound covers the second that its RTC lacks") {
  for (const int second : {inserted, left_out}) {
    INFO(second);
    Server server;
    server.sources_arrive();
    server.tick();
    server.daemons.run_unsynchronized();
    server.clock.advance(100h);
    const auto before = server.tick();
    CHECK(before.judgement.state == quality::State::rtc_only);
    leap(server, second);
    server.clock.advance(1min);
    const auto after = server.tick();
    CHECK(after.judgement.state == quality::State::rtc_only);
    CHECK(after.judgement.bound.count() > 1.4);
  }
}

TEST_CASE("a client keeps its power saving through a leap second of either sign") {
  for (const int second : {inserted, left_out}) {
    INFO(second);
    Client client;
    client.tick();
    client.clock.advance(1min);
    client.follow(server_address);
    client.daemons.timesync_state->message->leap = second > 0 ? 1 : 2;
    CHECK(client.tick().saving);
    leap(client, second);
    client.clock.advance(1min);
    client.follow(server_address);
    const auto tick = client.tick();
    CHECK(tick.saving);
    CHECK(tick.judgement.state == quality::State::traceable);
  }
}
