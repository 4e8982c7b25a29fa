// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/controller/act_hold_off.hpp"

#include "features/controller/act_power_saving.hpp"
#include "site.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cstdlib>
#include <random>

using namespace timectl;
using namespace timectl::features;
using namespace timectl::monitor;
using namespace timectl::test;
using namespace std::chrono_literals;

namespace {

HoldOffRules usual() { return {60s, 120s, 6, 10s, 5}; }

struct Case {
  const char* name;
  std::vector<std::chrono::nanoseconds> losses;
  std::vector<std::chrono::nanoseconds> restarts;
  std::chrono::nanoseconds now;
  std::optional<std::chrono::nanoseconds> until;
};

/// The same variables thrice, later ones at smaller bounds and later.
profile::PowerLevel three_steps(const profile::PowerLevel& level) {
  const auto& variables = level.steps.front().environment;
  profile::PowerLevel steps;
  steps.is_list = false;
  steps.steps = {
      {{}, 0s, variables}, {Seconds{0.02}, 0s, variables}, {Seconds{0.01}, 90s, variables}};
  return steps;
}

/// How often the instants of any hour outnumber `most`.
bool is_within_cap(const std::vector<std::chrono::nanoseconds>& restarts, std::size_t most) {
  for (std::size_t i = most; i < restarts.size(); ++i) {
    if (restarts[i] - restarts[i - most] < 1h) return false;
  }
  return true;
}

/// One minute of a site where anything may happen, and what must hold after its tick.
class RandomSite {
 public:
  explicit RandomSite(unsigned seed) : random_(seed) {
    auto& feature = *client_.site.hosts[1].controller;
    feature.restarts_per_hour = static_cast<int>(2 + random_() % 7);
    feature.hold_off = std::chrono::seconds{random_() % 300};
    if (one_in(2)) feature.levels.traceable = three_steps(feature.levels.traceable);
    feature.levels.island = one_in(2) ? profile::Environment{} : profile::Environment{"PART=1"};
  }

  void minute() {
    happen();
    const auto before = client_.services.restarts.size();
    const auto tick = client_.tick();
    client_.services.finish_restart();
    if (client_.services.restarts.size() > before) restarts_.push_back(client_.clock.since_boot());
    check(tick);
    saved_ += tick.saving ? 1 : 0;
    client_.clock.advance(std::chrono::seconds{20 + random_() % 90});
  }

  bool is_within_cap() const {
    const auto most = client_.host.controller->restarts_per_hour;
    return ::is_within_cap(restarts_, static_cast<std::size_t>(most));
  }
  int saved() const { return saved_; }
  std::size_t restarts() const { return restarts_.size(); }

 private:
  bool one_in(unsigned n) { return random_() % n == 0; }

  void happen() {
    FakeNtpServer server;
    if (one_in(3)) server = FakeNtpServer::island();
    if (one_in(6)) server.leap = 3;
    if (one_in(5)) server.root_dispersion_s = 0.05;
    client_.server_is(server);
    if (one_in(3)) client_.server_dies();
    client_.follow(one_in(8) ? fallback_address : server_address);
    if (one_in(20)) client_.services.stop_for_good(controller_unit);
    if (one_in(20)) client_.services.run_again(controller_unit);
    client_.services.restart_takes_long = one_in(15);
  }

  void check(const Tick& tick) {
    using quality::State;
    const auto environment = client_.services.environment_of(controller_unit);
    const bool told =
        std::find(environment.begin(), environment.end(), "NTP_SYNCED=true") != environment.end();
    const auto state = tick.judgement.state;
    const bool trusted =
        state == State::traceable || state == State::holdover || state == State::island;
    REQUIRE_FALSE((tick.saving && !trusted));
    REQUIRE_FALSE((told && !tick.saving));
    REQUIRE(client_.files.has(drop_in) == tick.saving);
    if (state == State::island) REQUIRE_FALSE(told);  // its level is another one, or none
  }

  std::mt19937 random_;
  Client client_;
  std::vector<std::chrono::nanoseconds> restarts_;
  int saved_ = 0;
};

}  // namespace

TEST_CASE("beginning to save power waits for exactly these reasons, and until then") {
  const std::vector<Case> cases{
      {"nothing happened", {}, {}, 1h, std::nullopt},
      {"just started", {}, {}, 59s, 60s},
      {"the hold-off after the boot is over", {}, {}, 60s, std::nullopt},
      {"lost once", {1h}, {1h}, 1h + 1min, std::nullopt},
      {"lost twice", {1h, 1h + 4min}, {}, 1h + 5min, 1h + 6min},
      {"lost twice, waited for", {1h, 1h + 4min}, {}, 1h + 6min, std::nullopt},
      {"lost three times: twice as long", {1h, 1h + 4min, 1h + 9min}, {}, 1h + 10min, 1h + 13min},
      {"lost so often that an hour is the end of it",
       {60min, 61min, 62min, 63min, 64min, 65min, 66min, 67min, 68min},
       {},
       69min,
       128min},
      {"a loss of more than an hour ago", {1h, 2h + 1min}, {}, 2h + 2min, std::nullopt},
      {"four restarts leave room for two", {}, {60min, 61min, 62min, 63min}, 64min, std::nullopt},
      {"five do not, before the first is an hour old",
       {},
       {60min, 61min, 62min, 63min, 64min},
       65min,
       120min},
      {"six, before the second is", {}, {60min, 61min, 62min, 63min, 64min, 65min}, 66min, 121min},
      {"the unit's own limit: four starts in ten seconds",
       {},
       {3600s, 3601s, 3602s, 3603s},
       3604s,
       3610s},
      {"the longest delay counts",
       {60min, 61min},
       {60min, 61min, 62min, 63min, 64min},
       62min,
       120min},
  };
  for (const auto& each : cases) {
    INFO(each.name);
    State state;
    state.losses = each.losses;
    state.restarts = each.restarts;
    const auto delay = delay_of_saving(state, usual(), each.now);
    CHECK(delay.has_value() == each.until.has_value());
    if (delay && each.until) CHECK(delay->until == *each.until);
  }
}

TEST_CASE("a step up needs room for its own restart and for each step down") {
  State state;
  state.restarts = {60min, 61min, 62min};
  CHECK_FALSE(delay_of_saving(state, usual(), 63min, restarts_for(2)));
  const auto delay = delay_of_saving(state, usual(), 63min, restarts_for(3));
  REQUIRE(delay);
  CHECK(delay->until == 120min);
  CHECK(delay->reason.find("the next step up and all steps down again take 4 more") !=
        std::string::npos);
  CHECK(has_room(state, usual(), 63min, 3));
  CHECK_FALSE(has_room(state, usual(), 63min, 4));
  CHECK(delay_of_saving(state, usual(), 63min, 9)->until == 123min);  // never fits: not at once
}

TEST_CASE("a server that comes and goes had the controller restarted each minute") {
  Client client;
  int entered = 0;
  bool said = false;
  for (int minute = 0; minute < 60; ++minute) {
    client.server_is(FakeNtpServer{});
    if (minute % 2 == 1) client.server_dies();
    client.follow(server_address);
    const auto tick = client.tick();
    CHECK_FALSE((tick.saving && minute % 2 == 1));  // leaving is never put off
    if (tick.saving) ++entered;
    if (tick.delayed) {
      REQUIRE(tick.findings.size() == 1);
      CHECK(tick.findings[0].summary.find("saves no power for another ") != std::string::npos);
      said = true;
    }
    client.clock.advance(1min);
  }
  CHECK(entered == 3);
  CHECK(client.services.restarts.size() == 6);
  CHECK(said);
  client.clock.advance(1h);
  client.server_is(FakeNtpServer{});
  client.follow(server_address);
  CHECK(client.tick().saving);
}

TEST_CASE("whatever happens, no untrusted time saves power and no hour has too many restarts") {
  // Six hours and a half each: 1,000 of them are for an optimized build (tests/run --all).
  const auto* wanted = std::getenv("TIMECTL_SEEDS");
  const auto seeds = static_cast<unsigned>(wanted != nullptr ? std::atoi(wanted) : 8);
  int saved = 0;
  std::size_t restarts = 0;
  for (unsigned seed = 0; seed < seeds; ++seed) {
    INFO("seed " << seed);
    RandomSite site{seed};
    for (int minute = 0; minute < 400; ++minute) site.minute();
    CHECK(site.is_within_cap());
    saved += site.saved();
    restarts += site.restarts();
  }
  CHECK(saved > static_cast<int>(16 * seeds));  // else the properties hold for nothing
  CHECK(restarts > 8 * seeds);
}

TEST_CASE("each state of the time gives the environment that its level names") {
  Client client;
  auto& levels = client.site.hosts[1].controller->levels;
  levels.traceable = profile::Environment{"CONSERVE_POWER=1", "FULL=yes"};
  levels.island = profile::Environment{"CONSERVE_POWER=0.5"};
  client.tick();
  CHECK(client.services.environment_of(controller_unit) ==
        std::vector<std::string>{"PATH=/usr/bin", "CONSERVE_POWER=1", "FULL=yes",
                                 "NTP_SERVER=192.168.4.2"});
  client.server_is(FakeNtpServer::island());
  CHECK(client.tick().restarted);
  CHECK(client.services.environment_of(controller_unit) ==
        std::vector<std::string>{"PATH=/usr/bin", "CONSERVE_POWER=0.5", "NTP_SERVER=192.168.4.2"});
  levels.island = {};
  CHECK_FALSE(client.tick().saving);
  CHECK(client.services.environment_of(controller_unit) ==
        std::vector<std::string>{"PATH=/usr/bin"});
}

TEST_CASE("a variable that the profile no longer names stayed with the running controller") {
  Client client;
  auto& levels = client.site.hosts[1].controller->levels;
  levels.traceable = profile::Environment{"OLD=1"};
  client.tick();
  levels.traceable = {};
  const auto tick = client.tick();
  CHECK(tick.restarted);
  CHECK(client.services.environment_of(controller_unit) ==
        std::vector<std::string>{"PATH=/usr/bin"});
}

TEST_CASE("in the first minute after a boot no power is saved, and that is no warning") {
  Client client;
  client.clock.reboot();
  client.follow(server_address);
  const auto tick = client.tick();
  CHECK_FALSE(tick.saving);
  CHECK(tick.findings.empty());
  CHECK(tick.seen.back().find("the host has just started") != std::string::npos);
  client.clock.advance(60s);
  client.follow(server_address);
  CHECK(client.tick().saving);
}

TEST_CASE("a controller with a start limit was driven into failed by monitor's restarts") {
  Client client;
  client.services.limit_starts(controller_unit, 2, 24h);
  client.services.run_again(controller_unit);
  client.services.run_again(controller_unit);  // its starts are used up
  for (int flap = 0; flap < 4; ++flap) {
    client.server_is(FakeNtpServer{});
    client.follow(server_address);
    const auto back = client.tick();
    CHECK(back.could_act);
    CHECK(back.saving == (flap == 0));  // the next pair of starts is a day away
    client.server_dies();
    CHECK(client.tick().could_act);
    CHECK(client.services.state(controller_unit).active_state == "active");
  }
  CHECK(client.services.restarts.size() == 2);
}

TEST_CASE("power saving that another program withdrew counts as a loss and as a restart") {
  Client client;
  client.tick();
  client.files.remove(system::RootedPath{drop_in});
  client.services.daemon_reload();
  client.services.run_again(controller_unit);
  client.tick();
  const auto noted = read_state(client.files, client.clock.boot_id());
  CHECK(noted.losses.size() == 1);
  CHECK(noted.restarts.size() == 3);
}
