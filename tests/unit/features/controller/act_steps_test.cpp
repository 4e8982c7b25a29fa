// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Whole checks of a controller whose profile has steps.
#include "features/controller/act_power_saving.hpp"
#include "site.hpp"
#include "support/catch.hpp"

using namespace timectl;
using namespace timectl::monitor;
using namespace timectl::test;
using namespace std::chrono_literals;

namespace {

/// The first at once, the second within 100 ms, the third within 10 ms and after ten minutes.
profile::PowerLevels steps_of_all_states() {
  profile::PowerLevel level;
  level.is_list = false;
  level.steps = {
      {{}, 0s, {"ECO=1"}}, {Seconds{0.1}, 0s, {"ECO=2"}}, {Seconds{0.01}, 600s, {"ECO=3"}}};
  return {level, level, level};
}

struct SteppedClient : Client {
  SteppedClient() {
    site.hosts[1].controller->levels = steps_of_all_states();
    within(0.001);
  }

  /// The server's time has about such an error bound.
  void within(double bound) {
    FakeNtpServer server;
    server.root_delay_s = 0;
    server.root_dispersion_s = bound;
    server_is(server);
  }
  Tick next(std::chrono::seconds later = 1min) {
    clock.advance(later);
    follow(server_address);
    return tick();
  }
  std::string environment() const {
    std::string all;
    for (const auto& each : services.environment_of(controller_unit)) all += each + " ";
    return all;
  }
};

}  // namespace

TEST_CASE("each check goes one step up, and at once down to the step that is allowed") {
  SteppedClient client;
  CHECK(client.next().power_level == 1);
  CHECK(client.environment() == "PATH=/usr/bin ECO=1 POWER_LEVEL=1 NTP_SERVER=192.168.4.2 ");
  CHECK(client.next().power_level == 2);
  CHECK(client.next().power_level == 2);  // trusted for two minutes only
  CHECK(client.services.restarts.size() == 2);
  for (int minute = 0; minute < 8; ++minute) client.next();
  CHECK(client.environment() == "PATH=/usr/bin ECO=3 POWER_LEVEL=3 NTP_SERVER=192.168.4.2 ");
  client.within(0.5);
  CHECK(client.next().power_level == 1);
  CHECK(client.environment() == "PATH=/usr/bin ECO=1 POWER_LEVEL=1 NTP_SERVER=192.168.4.2 ");
  client.server_dies();
  const auto tick = client.next();
  CHECK(tick.power_level == 0);
  CHECK_FALSE(tick.saving);
  CHECK(client.environment() == "PATH=/usr/bin ");
}

TEST_CASE("after a time that was not trusted the wait for a step begins anew") {
  SteppedClient client;
  client.site.hosts[1].controller->restarts_per_hour = 20;
  for (int minute = 0; minute < 11; ++minute) client.next();
  CHECK(read_state(client.files, client.clock.boot_id()).power_step == 3);
  client.server_dies();
  client.next();
  client.within(0.001);
  client.next();
  for (int minute = 0; minute < 8; ++minute) CHECK(client.next().power_level == 2);
  CHECK(client.next(10min).power_level == 2);  // what was not checked was not trusted
}

TEST_CASE("a step up that its restarts have no room for waits, which is no warning") {
  SteppedClient client;
  client.site.hosts[1].controller->restarts_per_hour = 4;
  for (int minute = 0; minute < 15; ++minute) client.next();
  const auto tick = client.next();
  CHECK(tick.power_level == 2);
  CHECK(tick.saving);
  CHECK_FALSE(tick.delayed);
  CHECK(tick.findings.empty());
  CHECK(tick.seen.back().find("controller.service stays at power level 2 for another ") == 0);
  for (int minute = 0; minute < 50; ++minute) client.next();
  CHECK(client.next().power_level == 3);  // both restarts are more than an hour ago
}

TEST_CASE("going down is never put off, and counts as a loss") {
  SteppedClient client;
  int ups = 0;
  int level = 0;
  for (int minute = 0; minute < 60; ++minute) {
    client.within(minute % 2 == 0 ? 0.001 : 0.5);
    const auto tick = client.next();
    REQUIRE(tick.power_level.has_value());
    if (minute % 2 == 1) CHECK(*tick.power_level <= 1);
    if (*tick.power_level > level) ++ups;
    level = *tick.power_level;
  }
  CHECK(ups <= 3);
  CHECK(client.services.restarts.size() <= 6);
  CHECK(level >= 1);  // the first step is allowed all the time
}

TEST_CASE("a restart that failed is tried again before the next step") {
  SteppedClient client;
  client.next();
  client.services.restart_fails = true;
  CHECK(client.next().power_level == 2);
  CHECK(client.next().power_level == 2);
  CHECK(client.environment().find("POWER_LEVEL=1") != std::string::npos);
  client.services.restart_fails = false;
  CHECK(client.next().power_level == 2);
  CHECK(client.environment().find("POWER_LEVEL=2") != std::string::npos);
}

TEST_CASE("among what an interrupted change left a step may stay, and else all of it ends") {
  SteppedClient client;
  client.next();
  client.next();
  const auto take_away = [&] {
    return run_tick(client.site, client.host, client.ports, features::steps(), DryRun::no,
                    Scope::only_take_away);
  };
  CHECK(take_away().power_level == 2);
  client.within(0.5);  // the first step would do, and nothing may be written
  CHECK(take_away().power_level == 0);
  CHECK_FALSE(client.files.has(drop_in));
}

TEST_CASE("a POWER_LEVEL that a plain list has itself stays among what a change left") {
  Client client;
  client.site.hosts[1].controller->levels.traceable.steps.front().environment = {"POWER_LEVEL=2"};
  CHECK(client.tick().saving);
  const auto tick = run_tick(client.site, client.host, client.ports, features::steps(), DryRun::no,
                             Scope::only_take_away);
  CHECK(tick.saving);
  CHECK(client.files.has(drop_in));
}

TEST_CASE("what an earlier version gave and noted is followed by the first step") {
  Client client;
  client.tick();
  auto text = client.files.at("/run/timectl/monitor.json");
  for (const auto* key : {"\"power_step\"", "\"trusted_since_ns\""}) {
    const auto at = text.find(key);
    REQUIRE(at != std::string::npos);
    text.erase(at, text.find('\n', at) - at + 1);
  }
  client.files.put("/run/timectl/monitor.json", text);
  client.site.hosts[1].controller->levels = steps_of_all_states();
  CHECK(client.tick().power_level == 1);
  CHECK(client.services.environment_of(controller_unit)[1] == "ECO=1");
}

TEST_CASE("a level that was written into the drop-in is not trusted") {
  SteppedClient client;
  client.next();
  client.files.put(drop_in, "[Service]\nEnvironment=ECO=3\nEnvironment=POWER_LEVEL=3\n");
  CHECK(client.next().power_level == 1);
  CHECK(client.files.at(drop_in).find("POWER_LEVEL=1") != std::string::npos);
}

TEST_CASE("without steps no level is told, and the step is 1 in the metrics") {
  Client client;
  client.files.put_directory("/var/lib/prometheus/node-exporter");
  CHECK_FALSE(client.tick().power_level);
  const std::string metrics = "/run/timectl/timectl.prom";
  CHECK(client.files.at(metrics).find("\ntimectl_controller_power_level 1\n") != std::string::npos);
  client.server_dies();
  client.tick();
  CHECK(client.files.at(metrics).find("\ntimectl_controller_power_level 0\n") != std::string::npos);
}

TEST_CASE("metrics and events name the level") {
  SteppedClient client;
  client.files.put_directory("/var/lib/prometheus/node-exporter");
  client.next();
  client.next();
  CHECK(client.files.at("/run/timectl/timectl.prom").find("\ntimectl_controller_power_level 2\n") !=
        std::string::npos);
  CHECK(client.events.sent.back().message.find(
            "controller.service may save power at level 2 now") == 0);
}

TEST_CASE("the step of power saving said something else than whether power is saved") {
  SteppedClient client;
  client.next();
  CHECK(client.next().power_level == 2);
  client.services.fail_run(controller_unit);
  auto tick = client.next();
  CHECK_FALSE(tick.saving);
  CHECK(tick.power_level == 0);
  // A process of the run that failed goes on with its step.
  client.services.left_behind = {"ECO=1", "POWER_LEVEL=1"};
  tick = client.next();
  CHECK(tick.saving);
  CHECK(tick.power_level == 1);
  client.server_dies();
  tick = client.next();
  CHECK(tick.saves_unasked);
  CHECK(tick.power_level == 1);
  client.services.left_behind.clear();
  tick = client.next();
  CHECK_FALSE(tick.saving);
  CHECK(tick.power_level == 0);
}
