// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/memory.hpp"

#include "history/ring.hpp"
#include "rtc/arming.hpp"
#include "site.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>

using namespace timectl;
using namespace timectl::monitor;
using namespace timectl::test;
using namespace std::chrono_literals;

namespace {

const probe::Finding* finding_of(const Tick& tick, const std::string& probe) {
  const auto found =
      std::find_if(tick.findings.begin(), tick.findings.end(),
                   [&](const probe::Finding& each) { return each.probe.text() == probe; });
  return found == tick.findings.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("each tick is remembered, with what it saw") {
  Client client;
  client.tick();
  client.clock.advance(60s);
  client.server_dies();
  client.tick();
  const auto seen = history::recall_latest(client.files);
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].state == quality::State::traceable);
  CHECK(seen[0].saving);
  CHECK(std::isfinite(seen[0].offset_s));
  CHECK(std::isnan(seen[0].rtc_ahead_s));
  CHECK_FALSE(seen[1].saving);
  CHECK(std::isnan(seen[1].offset_s));
}

TEST_CASE("a dry run and a host in the middle of a change remember nothing") {
  Client client;
  client.tick(DryRun::yes);
  monitor::run_tick(client.site, client.host, client.ports, DryRun::no, Scope::only_take_away);
  CHECK(history::recall_latest(client.files).empty());
}

TEST_CASE("an island learns how its clocks drift apart, and that is alarming once it is sure") {
  Server server;
  rtc::write_record(server.files, rtc::vouched_record(std::nullopt, server.clock.now(),
                                                      rtc::ClockTrust::untraceable, "operator"));
  std::optional<Tick> alarmed;
  for (int minute = 0; minute < 24 * 60; ++minute) {
    server.clock.advance(57s + std::chrono::milliseconds{(minute * 371) % 6000});
    server.rtcs.run_ahead(minute * 6ms);  // 100 ppm
    const auto tick = server.tick();
    if (finding_of(tick, "rtc.drift") != nullptr && !alarmed) alarmed = tick;
  }
  REQUIRE(alarmed);
  REQUIRE(alarmed->drift_ppm);
  CHECK(*alarmed->drift_ppm == Approx(100).margin(30));
  CHECK(finding_of(*alarmed, "rtc.drift")->verdict == probe::Verdict::failed);
  CHECK(read_state(server.files, server.clock.boot_id()).drift_ppm);
}

TEST_CASE("a server that lost its sources says when its bound passes the limit") {
  Server server;
  server.sources_arrive();
  server.tick();
  server.daemons.run_unsynchronized();
  std::optional<Tick> last;
  // 15 ppm: the limit of 5 s is four days away, and within a day of it that is said.
  server.clock.advance(72h);
  for (int minute = 0; minute < 25; ++minute) {
    server.clock.advance(60s);
    last = server.tick();
  }
  REQUIRE(last->until_limit);
  CHECK(last->until_limit->count() == Approx((5 - 0.01) / 15e-6 - 72 * 3600 - 1500).epsilon(0.01));
  const auto* said = finding_of(*last, "time.forecast");
  REQUIRE(said != nullptr);
  CHECK(said->summary.find("the bound passes the limit of 5 s in 19 h") == 0);
}

TEST_CASE("a forecast goes on when half an hour was written to the disk") {
  Server server;
  server.sources_arrive();
  server.tick();
  server.daemons.run_unsynchronized();
  server.clock.advance(72h);
  for (int minute = 0; minute < 100; ++minute) {
    server.clock.advance(60s);
    const auto tick = server.tick();
    INFO(minute);
    if (minute > 15) CHECK(finding_of(tick, "time.forecast") != nullptr);
  }
}

TEST_CASE("while there is UTC nothing is foretold, also when the bound grows") {
  Client client;
  FakeNtpServer server;
  for (int minute = 0; minute < 25; ++minute) {
    server.root_dispersion_s = 0.1 + 0.001 * minute;
    client.server_is(server);
    client.follow(server_address);
    const auto tick = client.tick();
    REQUIRE(tick.judgement.state == quality::State::traceable);
    CHECK_FALSE(tick.until_limit);
    client.clock.advance(60s);
  }
}

TEST_CASE("a bound beyond what the profile allows is a warning, then critical") {
  Client client;
  FakeNtpServer server;
  server.root_dispersion_s = 2;
  client.server_is(server);
  CHECK(finding_of(client.tick(), "time.bound")->verdict == probe::Verdict::warning);
  client.site.hosts[1].monitor->bound_critical = 2s;
  CHECK(finding_of(client.tick(), "time.bound")->verdict == probe::Verdict::failed);
}

TEST_CASE("a history that cannot be written loses what was seen and nothing else") {
  Client client;
  client.files.put_directory("/run/timectl/history");
  const auto tick = client.tick();
  CHECK(tick.saving);
  CHECK(tick.could_act);
  CHECK(finding_of(tick, "monitor.history") != nullptr);
}

TEST_CASE("spans are said in hours and minutes") {
  CHECK(hours_and_minutes(Seconds{312 * 60}) == "5 h 12 min");
  CHECK(hours_and_minutes(Seconds{29}) == "0 min");
  CHECK(hours_and_minutes(Seconds{3599}) == "1 h 0 min");
}
