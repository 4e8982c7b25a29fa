// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "monitor/state.hpp"
#include "site.hpp"
#include "support/catch.hpp"

#include <cmath>

using namespace timectl;
using namespace timectl::monitor;
using namespace timectl::test;
using namespace std::chrono_literals;

TEST_CASE("a dry run of a client says what it would do and does nothing") {
  Client client;
  const auto before = client.files.snapshot();
  const auto tick = client.tick(DryRun::yes);
  CHECK(tick.saving);
  CHECK(tick.changed);
  CHECK_FALSE(tick.restarted);
  CHECK(tick.actions == std::vector<std::string>{"write " + drop_in, "reload systemd's units",
                                                 "restart controller.service"});
  CHECK(client.files.snapshot() == before);
  CHECK(client.files.writes() == 0);
  CHECK(client.services.reloads == 0);
  CHECK(client.services.restarts.empty());
  CHECK(client.tick().actions == tick.actions);
}

TEST_CASE("a dry run of a server says what it would do and does nothing") {
  Server server;
  server.rtcs.stop_oscillator();
  server.sources_arrive();
  const auto tick = server.tick(DryRun::yes);
  CHECK(tick.actions.size() == 2);
  CHECK(server.files.writes() == 0);
  CHECK(server.rtcs.writes() == 0);
  CHECK_FALSE(server.daemons.local_stratum);
}

TEST_CASE(
    "timesyncd on a fallback comes home when the local server has been good for three ticks") {
  Client client;
  client.follow(fallback_address);
  client.daemons.timesync_state->message->reference_id = "C6336401";
  for (int minute = 1; minute <= 3; ++minute) {
    const auto tick = client.tick();
    CHECK_FALSE(tick.saving);
    CHECK(client.daemons.runtime_servers_set.size() == (minute == 3 ? 1U : 0U));
  }
  CHECK(client.daemons.runtime_servers_set.front().empty());
  client.follow(server_address);
  CHECK(client.tick().saving);
}

TEST_CASE("chronyd is led away from a server that died, and nothing is left to undo") {
  Client client;
  client.site.hosts[1].client->daemon = profile::ClientDaemon::chrony;
  client.daemons.follow(server_address);
  auto fallback = client.daemons.sources->front();
  fallback.name = fallback_address;
  fallback.state = '-';
  client.daemons.sources->push_back(fallback);
  CHECK(client.tick().saving);

  client.server_dies();
  CHECK_FALSE(client.tick().saving);
  client.tick();
  CHECK(client.tick(DryRun::yes).actions ==
        std::vector<std::string>{"let chronyd measure anew: it keeps to a server that is gone"});
  CHECK(client.daemons.measured_anew == 0);
  client.tick();
  CHECK(client.daemons.measured_anew == 1);

  client.daemons.follow(fallback_address);
  CHECK_FALSE(client.tick().saving);
  client.server_is(FakeNtpServer{});
  client.daemons.follow(server_address);
  CHECK(client.tick().saving);
  CHECK(client.tick().actions.empty());
  CHECK(client.daemons.measured_anew == 1);
}

TEST_CASE("a chronyd that does not measure anew is told again in the next tick, and it is said") {
  Client client;
  client.site.hosts[1].client->daemon = profile::ClientDaemon::chrony;
  client.daemons.follow(server_address);
  client.daemons.sources->push_back(client.daemons.sources->front());
  client.daemons.sources->back().name = fallback_address;
  client.daemons.sources->back().state = '-';
  client.server_dies();
  client.daemons.cannot_measure = true;
  client.tick();
  client.tick();
  for (const auto& tick : {client.tick(), client.tick()}) {
    REQUIRE(tick.findings.size() == 1);
    CHECK(tick.findings[0].summary == "chronyd keeps to a server that is gone");
    CHECK_FALSE(tick.could_act);
  }
}

TEST_CASE("a tick tells in a few lines what it saw") {
  Client client;
  auto tick = client.tick();
  REQUIRE(tick.seen.size() == 2);
  CHECK(tick.seen[0].find("pi-ntp (192.168.4.2): stratum 2, reference C0A80403") == 0);
  CHECK(tick.seen[1] == "this host follows 192.168.4.2, last reply 20 s ago");
  client.server_dies();
  tick = client.tick();
  CHECK(tick.seen[0].find("stratum") == std::string::npos);
}

TEST_CASE("the state is kept for this boot only, and a torn one is a fresh one") {
  FakeFiles files;
  State state{"boot-a",        "traceable", 2,     "0123", "[Service]\n",
              controller_unit, "4567",      {90s}, {95s}};
  state.given = "[Service]\n";
  state.names = {"CONSERVE_POWER"};
  state.ticked = 97s;
  state.ticked_at = parse_utc("2026-11-21T16:00:00Z").value();
  state.silent_ticks = 2;
  state.overriding = {"NTP_SERVER=10.0.0.1"};
  state.power_step = 2;
  state.trusted_since = 61s;
  write_state(files, state);
  CHECK(read_state(files, "boot-a") == state);
  CHECK(read_state(files, "boot-b") == State{"boot-b", "", 0, "", ""});
  for (const auto* text : {"", "{", "[]", "{\"boot_id\":\"boot-a\",\"good_ticks\":\"many\"}"}) {
    files.put("/run/timectl/monitor.json", text);
    CHECK(read_state(files, "boot-a") == State{"boot-a", "", 0, "", ""});
  }
}

TEST_CASE("a host without a controller is judged and no power saving is allowed") {
  Client client;
  client.site.hosts[1].controller.reset();
  const auto tick = client.tick();
  CHECK(tick.judgement.state == quality::State::traceable);
  CHECK_FALSE(tick.saving);
  CHECK_FALSE(client.files.has(drop_in));
}

TEST_CASE(
    "an interrupted change left power saving on: a tick takes it away and does nothing else") {
  Client client;
  client.tick();
  CHECK(monitor::run_tick(client.site, client.host, client.ports, features::steps(), DryRun::no,
                          Scope::only_take_away)
            .saving);
  client.server_dies();
  const auto tick = monitor::run_tick(client.site, client.host, client.ports, features::steps(),
                                      DryRun::no, Scope::only_take_away);
  CHECK_FALSE(tick.saving);
  CHECK(tick.restarted);
  CHECK_FALSE(client.files.has(drop_in));
  client.server_is(FakeNtpServer{});
  const auto good = monitor::run_tick(client.site, client.host, client.ports, features::steps(),
                                      DryRun::no, Scope::only_take_away);
  CHECK(good.judgement.state == quality::State::traceable);
  CHECK_FALSE(good.saving);
  CHECK_FALSE(client.files.has(drop_in));
}

TEST_CASE("an interrupted change on a server: island mode stays as it is and nothing is written") {
  Server server;
  server.sources_arrive();
  const auto tick = monitor::run_tick(server.site, server.host, server.ports, features::steps(),
                                      DryRun::no, Scope::only_take_away);
  CHECK(tick.judgement.state == quality::State::traceable);
  CHECK_FALSE(server.daemons.local_stratum);
  CHECK_FALSE(server.files.has("/var/lib/timectl/rtc.json"));
}

TEST_CASE("a profile that broke after power saving was given does not keep it on") {
  Client client;
  client.tick();
  const auto tick = withdraw_all(client.ports, features::steps(), DryRun::no);
  CHECK(tick.restarted);
  CHECK_FALSE(client.files.has(drop_in));
  CHECK(withdraw_all(client.ports, features::steps(), DryRun::no).actions.empty());
  Client never_gated;
  CHECK(withdraw_all(never_gated.ports, features::steps(), DryRun::no).actions.empty());
}

TEST_CASE("ticks that were skipped for five minutes leave the host unwatched") {
  Client client;
  client.tick();
  const auto longest = profile::longest_without_tick({});
  CHECK(longest == 5min);
  client.clock.advance(1min);
  CHECK_FALSE(skip_tick(client.files, client.clock, longest, DryRun::no));
  client.clock.advance(4min);
  CHECK_FALSE(skip_tick(client.files, client.clock, longest, DryRun::no));
  client.clock.advance(1s);
  CHECK(skip_tick(client.files, client.clock, longest, DryRun::no));
  client.follow(server_address);
  client.tick();
  CHECK_FALSE(skip_tick(client.files, client.clock, longest, DryRun::no));
}

TEST_CASE("the first check of a host that is being provisioned is skipped and fails nothing") {
  for (const bool rested : {false, true}) {
    Client client;
    if (rested) client.tick();
    client.clock.advance(24h);
    const auto longest = profile::longest_without_tick({});
    CHECK_FALSE(skip_tick(client.files, client.clock, longest, DryRun::yes));
    CHECK_FALSE(skip_tick(client.files, client.clock, longest, DryRun::no));
    client.clock.advance(5min);
    CHECK_FALSE(skip_tick(client.files, client.clock, longest, DryRun::no));
    client.clock.advance(1s);
    CHECK(skip_tick(client.files, client.clock, longest, DryRun::no));
  }
}

TEST_CASE("with a slow monitor one tick that meets a lock leaves no host unwatched") {
  Client client;
  client.tick();
  client.clock.advance(10min);
  const auto longest = profile::longest_without_tick({.interval = 10min, .random_delay = 10s});
  CHECK_FALSE(skip_tick(client.files, client.clock, longest, DryRun::no));
  client.clock.advance(25min);
  CHECK(skip_tick(client.files, client.clock, longest, DryRun::no));
}

TEST_CASE("servers that cannot be asked at all do not keep power saving on") {
  Client client;
  client.tick();
  client.datagrams.broken = "cannot open a socket: out of memory";
  const auto tick = client.tick();
  CHECK_FALSE(tick.saving);
  CHECK_FALSE(tick.could_act);
  CHECK_FALSE(client.files.has(drop_in));
}

TEST_CASE("an RTC whose record cannot be kept does not end power saving") {
  Server server;
  server.sources_arrive();
  server.files.fail_on_write(1);
  const auto tick = server.tick();
  CHECK_FALSE(tick.could_act);
  CHECK(tick.could_update_power_saving);
  CHECK(tick.judgement.state == quality::State::traceable);

  Client client;
  client.tick();
  client.services.broken = "cannot ask systemd: timed out";
  CHECK_FALSE(client.tick().could_update_power_saving);
}

TEST_CASE("a host with nothing but sources was unsynchronized for no reason") {
  Server server;
  server.site.hosts[0].serve.reset();
  server.site.hosts[0].rtc.reset();
  server.site.hosts[0].sources = profile::SourcesFeature{};
  const auto lost = server.tick();
  CHECK(lost.judgement.state == quality::State::unsynchronized);
  CHECK(lost.judgement.reason.find("no real source") != std::string::npos);
  CHECK_FALSE(std::isfinite(lost.judgement.bound.count()));
  server.sources_arrive();
  CHECK(server.tick().judgement.state == quality::State::traceable);
  CHECK_FALSE(server.daemons.local_stratum);
}
