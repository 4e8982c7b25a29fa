// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/follow/act.hpp"

#include "profile/limits.hpp"
#include "rtc/island.hpp"
#include "site.hpp"
#include "support/catch.hpp"

#include <cmath>
#include <random>

using namespace timectl;
using namespace timectl::monitor;
using namespace timectl::test;
using namespace std::chrono_literals;

namespace {

observe::SiteServer good_server() {
  observe::SiteServer server;
  server.name = "pi-ntp";
  server.address = server_address;
  server.view.answered = true;
  server.view.synchronized = true;
  server.view.stratum = 2;
  server.view.reference_id = "C0A80403";
  server.view.bound = Seconds{0.01};
  return server;
}

/// main-pi and its timesyncd.
observe::Observation following(const std::string& address) {
  observe::Observation seen;
  seen.clock = {rtc::build_date() + 24h, 1h};
  seen.servers = {good_server()};
  seen.daemon.answered = true;
  seen.daemon.returns_to_first = false;
  seen.daemon.followed = address;
  seen.daemon.last_reply_age = Seconds{20};
  seen.daemon.poll_interval = Seconds{64};
  seen.daemon.reference_id = "C0A80403";
  seen.daemon.stratum = 3;
  seen.daemon.bound = Seconds{0.01};
  return seen;
}

struct Outcome : features::Steering {
  quality::Judgement judgement;
  bool saving = false;  ///< what power saving goes by
};

Outcome decide(const observe::Observation& seen, const State& previous = {}) {
  const auto site = missing_link();
  const auto limits = profile::limits_of(site, site.hosts[1]);
  const auto time = observe::judge(site.hosts[1], seen, limits);
  return {features::decide_steering(seen, time, previous, limits), time.judgement,
          observe::follows_trusted_server(seen, time, limits)};
}

observe::Observation observe_client(const Client& client) {
  return observe::observe(client.site, client.host, client.readers.of_time());
}

bool follows_site_server(const observe::Observation& seen) {
  const auto site = missing_link();
  return observe::follower_of(seen, profile::limits_of(site, site.hosts[1])).follows_site_server;
}

}  // namespace

TEST_CASE("power is saved while a good local server answers and is followed") {
  const auto decision = decide(following(server_address));
  CHECK(decision.judgement.state == quality::State::traceable);
  CHECK(decision.saving);
}

TEST_CASE("power is saved on an island too: the site's time is consistent") {
  auto seen = following(server_address);
  seen.servers[0].view.reference_id = "7F7F0101";
  seen.servers[0].view.stratum = 10;
  const auto decision = decide(seen);
  CHECK(decision.judgement.state == quality::State::island);
  CHECK(decision.saving);
}

TEST_CASE("power is not saved for each thing that is wrong on its own") {
  struct Fault {
    const char* name;
    void (*happen)(observe::Observation&);
  };
  const std::vector<Fault> faults{
      {"the server is silent", [](observe::Observation& s) { s.servers[0].view = {}; }},
      {"the server is not synchronized",
       [](observe::Observation& s) { s.servers[0].view.synchronized = false; }},
      {"the bound is over the limit",
       [](observe::Observation& s) { s.servers[0].view.bound = Seconds{5.1}; }},
      {"the bound is not a number",
       [](observe::Observation& s) { s.servers[0].view.bound = Seconds{std::nan("")}; }},
      {"the daemon never had a reply",
       [](observe::Observation& s) { s.daemon.last_reply_age.reset(); }},
      {"the last reply is hours old",
       [](observe::Observation& s) { s.daemon.last_reply_age = Seconds{3h}; }},
      {"the daemon follows no server", [](observe::Observation& s) { s.daemon = {}; }},
      {"the site has no server", [](observe::Observation& s) { s.servers.clear(); }},
  };
  for (const auto& fault : faults) {
    INFO(fault.name);
    auto seen = following(server_address);
    fault.happen(seen);
    const auto decision = decide(seen);
    CHECK_FALSE(decision.saving);
  }
}

TEST_CASE("power was saved in 1970: a server and a client may agree on the wrong year") {
  Client client;
  CHECK(client.tick().saving);
  client.clock.set(parse_utc("1970-01-01T00:10:00Z").value());
  client.follow(server_address);
  const auto tick = client.tick();
  CHECK(tick.judgement.state == quality::State::wrong);
  CHECK(tick.judgement.reason.find("before the build date of timectl") != std::string::npos);
  CHECK_FALSE(tick.saving);
  CHECK_FALSE(client.files.has(drop_in));
}

TEST_CASE("power was saved before the last traceable time that this client has seen") {
  Client client;
  rtc::write_record(client.files, rtc::validated_record(std::nullopt, client.clock.now() + 24h,
                                                        rtc::ClockTrust::traceable, "sources"));
  const auto tick = client.tick();
  CHECK(tick.judgement.state == quality::State::wrong);
  CHECK_FALSE(tick.saving);
}

TEST_CASE("a fallback is good time, but not the local server's: no power is saved") {
  const auto decision = decide(following(fallback_address));
  CHECK(decision.judgement.state == quality::State::traceable);
  CHECK_FALSE(decision.saving);
}

TEST_CASE("of two servers the one that is followed decides") {
  auto seen = following(server_address);
  auto other = good_server();
  other.address = "192.168.4.3";
  seen.servers.insert(seen.servers.begin(), other);
  CHECK(decide(seen).saving);
  seen.servers[1].view = {};  // the followed one dies, the other is well
  CHECK_FALSE(decide(seen).saving);
}

TEST_CASE("timesyncd is sent back after the third good tick on a fallback, and then waited for") {
  const auto seen = following(fallback_address);
  State state;
  for (int tick = 1; tick <= 6; ++tick) {
    const auto decision = decide(seen, state);
    state.good_ticks = decision.good_ticks;
    CHECK(decision.return_to_site == (tick % 3 == 0));
  }
}

TEST_CASE("a bad tick between good ones starts the count again") {
  State state;
  state.good_ticks = 2;
  auto seen = following(fallback_address);
  seen.servers[0].view.synchronized = false;
  CHECK(decide(seen, state).good_ticks == 0);
}

TEST_CASE("nothing moves while server and fallback contradict each other") {
  State state;
  state.good_ticks = 2;
  auto seen = following(fallback_address);
  seen.servers[0].view.offset = Seconds{3600};
  seen.servers[0].view.bound = Seconds{3600.01};
  const auto decision = decide(seen, state);
  CHECK(decision.judgement.state == quality::State::wrong);
  CHECK_FALSE(decision.return_to_site);
  CHECK(decision.good_ticks == 0);
}

TEST_CASE("chrony returns by itself, so timectl does not send it") {
  State state;
  state.good_ticks = 2;
  auto seen = following(fallback_address);
  seen.daemon.returns_to_first = true;
  CHECK_FALSE(decide(seen, state).return_to_site);
}

TEST_CASE("chrony measures anew after three ticks without its server, if another source is heard") {
  auto seen = following(server_address);
  seen.daemon.returns_to_first = true;
  seen.daemon.kept = server_address;
  seen.servers[0].view = {};
  State state;
  state.silent_ticks = 7;
  CHECK_FALSE(decide(seen, state).measure_anew);
  seen.daemon.hears_other = true;
  state.silent_ticks = 0;
  for (int tick = 1; tick <= 3; ++tick) {
    const auto decision = decide(seen, state);
    state.silent_ticks = decision.silent_ticks;
    CHECK(decision.measure_anew == (tick == 3));
  }
  seen.servers[0] = good_server();
  CHECK(decide(seen, state).silent_ticks == 0);
  seen.daemon.kept = fallback_address;
  seen.servers[0].view = {};
  CHECK(decide(seen, state).silent_ticks == 0);
}

TEST_CASE("whatever is seen, power is saved only by a trusted, answering, followed server") {
  std::mt19937 random{20261120};
  const auto one_of = [&](auto... choices) {
    const std::vector values{choices...};
    return values[random() % values.size()];
  };
  int saved = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto seen = following(one_of(server_address, fallback_address, std::string{}));
    auto& view = seen.servers[0].view;
    view.answered = one_of(1, 1, 0) != 0;
    view.synchronized = one_of(1, 1, 0) != 0;
    view.stratum = one_of(0, 1, 2, 10, 15, 16);
    view.reference_id = one_of("C0A80403", "7F7F0101", "4C4F434C", "");
    view.bound = Seconds{one_of(0.0, 0.01, 4.99, 5.01, 1e9, std::nan(""))};
    view.offset = Seconds{one_of(0.0, 0.01, -3600.0)};
    seen.daemon.last_reply_age.reset();
    if (one_of(1, 1, 0) != 0) seen.daemon.last_reply_age = Seconds{one_of(0.0, 60.0, 1e5)};
    const auto decision = decide(seen);
    if (!decision.saving) continue;
    ++saved;
    const auto state = decision.judgement.state;
    REQUIRE((state == quality::State::traceable || state == quality::State::island));
    REQUIRE(view.answered);
    REQUIRE(view.synchronized);
    REQUIRE(view.bound <= Seconds{5});
    REQUIRE(seen.daemon.followed == server_address);
    REQUIRE(seen.daemon.last_reply_age);
  }
  CHECK(saved > 100);  // else the property holds for nothing
}

TEST_CASE("a chrony that keeps the star on a source that stopped answering is not trusted") {
  Client client;
  client.site.hosts[1].client->daemon = profile::ClientDaemon::chrony;
  client.daemons.follow(server_address);
  CHECK(follows_site_server(observe_client(client)));
  client.daemons.sources->front().reach = 0;
  const auto seen = observe_client(client);
  CHECK_FALSE(follows_site_server(seen));
  CHECK(seen.daemon.kept == server_address);
  CHECK_FALSE(seen.daemon.hears_other);
}

TEST_CASE("a client of chrony on a fallback has traceable time, right to what tracking says") {
  Client client;
  client.site.hosts[1].client->daemon = profile::ClientDaemon::chrony;
  client.server_dies();
  client.daemons.follow(fallback_address);
  const auto seen = observe_client(client);
  CHECK(seen.daemon.followed == fallback_address);
  CHECK(seen.daemon.bound->count() == Approx(0.006001));
  const auto decision = decide(seen);
  CHECK(decision.judgement.state == quality::State::traceable);
  CHECK_FALSE(decision.saving);
}

TEST_CASE("a time daemon that cannot be asked is a finding and saves no power") {
  Client client;
  client.daemons.broken = "cannot ask timesyncd: timed out";
  const auto tick = client.tick();
  REQUIRE(tick.findings.size() == 1);
  CHECK(tick.findings[0].probe.text() == "timesync.server");
  CHECK(tick.findings[0].verdict == probe::Verdict::unknown);
  CHECK_FALSE(tick.saving);
}

TEST_CASE("a timesyncd that left the bus was told as a host that never had a reply") {
  Client client;
  client.files.put("/run/dbus/system_bus_socket", "");
  client.services.add("systemd-timesyncd.service");
  client.daemons.timesync_state.reset();
  const auto tick = client.tick();
  REQUIRE(tick.findings.size() == 1);
  CHECK(tick.findings[0].probe.text() == "timesync.server");
  CHECK(tick.findings[0].remedy == "systemctl restart systemd-timesyncd.service");
  CHECK(tick.alerts == std::vector<std::string>{"timesync.server"});
  CHECK(tick.judgement.reason.find("never had a reply") == std::string::npos);
}

TEST_CASE("a systemd that did not answer for timesyncd failed the whole check") {
  Client client;
  client.daemons.timesync_state.reset();
  client.services.broken = "cannot ask systemd: timed out";
  const auto tick = client.tick();
  REQUIRE_FALSE(tick.findings.empty());
  CHECK(tick.findings[0].probe.text() == "timesync.server");
  CHECK(tick.findings[0].verdict == probe::Verdict::unknown);
  CHECK(tick.findings[0].cause == "cannot ask systemd: timed out");
  CHECK_FALSE(tick.saving);
}

TEST_CASE("timesyncd was sent back every third check to a list without the site's server") {
  Client client;
  client.daemons.timesync_follow(fallback_address, client.clock.now());
  client.daemons.timesync_state->system_servers = {fallback_address};
  for (int minute = 0; minute < 4; ++minute) CHECK(client.tick().actions.empty());
  client.daemons.timesync_state->system_servers.clear();  // a drop-in with NTP= alone
  for (int minute = 0; minute < 4; ++minute) CHECK(client.tick().actions.empty());
  CHECK(client.daemons.runtime_servers_set.empty());
  client.daemons.timesync_state->system_servers = {server_address, fallback_address};
  for (int minute = 0; minute < 3; ++minute) client.tick();
  CHECK(client.daemons.runtime_servers_set.size() == 1);
}
