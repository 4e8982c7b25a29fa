// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/controller/act_power_saving.hpp"

#include "base/error.hpp"
#include "site.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace timectl;
using namespace timectl::features;
using namespace timectl::monitor;
using namespace timectl::test;
using namespace std::chrono_literals;

TEST_CASE("the drop-in says exactly this") {
  Client client;
  const auto tick = client.tick();
  CHECK(tick.saving);
  CHECK(tick.changed);
  CHECK(client.files.at(drop_in) ==
        "[Service]\n"
        "Environment=CONSERVE_POWER=1\n"
        "Environment=NTP_SYNCED=true\n"
        "Environment=NTP_SERVER=192.168.4.2\n");
  CHECK(client.files.snapshot().at(drop_in).ownership == system::Ownership{0644, 0, 0});
}

TEST_CASE("the controller is restarted once, and runs with what the drop-in says") {
  Client client;
  CHECK(client.tick().restarted);
  CHECK(client.services.environment_of(controller_unit) ==
        std::vector<std::string>{"PATH=/usr/bin", "CONSERVE_POWER=1", "NTP_SYNCED=true",
                                 "NTP_SERVER=192.168.4.2"});
  CHECK(client.services.restarts == std::vector{controller_unit});
}

TEST_CASE("while nothing changes nothing is given, reloaded or restarted") {
  Client client;
  client.tick();
  const auto before = client.files.snapshot();
  for (int minute = 0; minute < 5; ++minute) {
    const auto tick = client.tick();
    CHECK(tick.saving);
    CHECK_FALSE(tick.changed);
    CHECK(tick.actions.empty());
  }
  auto after = client.files.snapshot();
  for (const auto* path :
       {"/run/timectl/monitor.json", "/run/timectl/measures.json", "/run/timectl/history"}) {
    after[path] = before.at(path);  // what each tick notes
  }
  CHECK(after == before);
  CHECK(client.services.reloads == 1);
  CHECK(client.services.restarts.size() == 1);
}

TEST_CASE("a server that dies takes power saving away in the same tick") {
  Client client;
  client.tick();
  client.server_dies();
  const auto tick = client.tick();
  CHECK_FALSE(tick.saving);
  CHECK(tick.restarted);
  CHECK_FALSE(client.files.has(drop_in));
  CHECK(client.services.environment_of(controller_unit) ==
        std::vector<std::string>{"PATH=/usr/bin"});
}

TEST_CASE("a server that comes back gives power saving back in the same tick") {
  Client client;
  client.tick();
  client.server_dies();
  client.tick();
  client.server_is(FakeNtpServer{});
  CHECK(client.tick().saving);
  CHECK(client.services.restarts.size() == 3);
}

TEST_CASE("a controller that did not come up again after our restart was called saving") {
  Client client;
  client.tick();
  client.services.start_fails = true;
  client.server_dies();
  CHECK(client.tick().restarted);
  client.server_is(FakeNtpServer{});
  for (int minute = 0; minute < 2; ++minute) {
    const auto tick = client.tick();
    CHECK_FALSE(tick.saving);
    REQUIRE(tick.findings.size() == 1);
    CHECK(tick.findings[0].summary == "controller.service has failed");
    CHECK(tick.findings[0].cause.find("when timectl restarted it") != std::string::npos);
    CHECK(tick.alerts == std::vector<std::string>{"controller.environment"});
  }
}

TEST_CASE("a controller that failed days after our restart was said not to have come up after it") {
  Client client;
  CHECK(client.tick().restarted);
  client.tick();
  client.clock.advance(48h);
  client.follow(server_address);
  client.services.fail_run(controller_unit);
  auto tick = client.tick();
  REQUIRE(tick.findings.size() == 1);
  CHECK(tick.findings[0].summary == "controller.service has failed");
  CHECK(tick.findings[0].cause.find("timectl") == std::string::npos);
}

TEST_CASE("a controller that failed before it ever ran was said not to have come up after us") {
  Client client;
  client.server_dies();
  client.services.fail_run(controller_unit);
  client.services.has_invocations = false;
  const auto tick = client.tick();
  REQUIRE(tick.findings.size() == 1);
  CHECK(tick.findings[0].cause.find("timectl") == std::string::npos);
}

TEST_CASE("a process that runs on with power saving was no finding of the check") {
  Client client;
  client.tick();
  client.services.left_behind = {"CONSERVE_POWER=1", "NTP_SERVER=192.168.4.2"};
  CHECK(client.tick().findings.empty() == false);  // it has not what its unit has
  client.server_dies();
  CHECK(client.tick().restarted);
  const auto tick = client.tick();
  CHECK(tick.saving);
  REQUIRE(tick.findings.size() == 1);
  CHECK(tick.findings[0].verdict == probe::Verdict::failed);
  CHECK(tick.findings[0].summary.starts_with("process 99 (worker) of controller.service has "));
  CHECK(saving_in_words(tick) == "saves power, and is not allowed to");
  client.services.left_behind.clear();
  CHECK_FALSE(client.tick().saving);
}

TEST_CASE("a controller that takes its time to stop was to be killed at once") {
  Client client;
  client.server_dies();
  client.services.left_behind = {"CONSERVE_POWER=1"};
  client.services.stop_for_good(controller_unit);
  client.services.stopping_since =
      std::chrono::duration_cast<std::chrono::microseconds>(client.clock.awake_since_boot());
  auto tick = client.tick();
  CHECK(tick.saves_unasked);
  CHECK(tick.findings.empty());
  client.clock.advance(91s);
  tick = client.tick();
  REQUIRE(tick.findings.size() == 1);
  CHECK(tick.findings[0].remedy == "systemctl kill --signal=SIGKILL controller.service");
}

TEST_CASE("power that the unit saves by a file of its own was no finding of the check") {
  Client client;
  client.server_dies();
  client.services.set_environment_file(controller_unit, {"CONSERVE_POWER=1"});
  CHECK(client.tick().restarted);  // it may be of an earlier time
  const auto tick = client.tick();
  CHECK_FALSE(tick.restarted);
  CHECK(tick.saving);
  // The first says that something overrides what the unit says.
  REQUIRE(tick.findings.size() == 2);
  CHECK(tick.findings[1].summary.find("has CONSERVE_POWER=1, which timectl did not set") !=
        std::string::npos);
}

TEST_CASE("a server that the unit names by itself was called power that is saved") {
  Client client;
  client.server_dies();
  client.services.set_environment_file(controller_unit, {"NTP_SERVER=ntp.lan"});
  client.services.left_behind = {"NTP_SERVER=ntp.lan"};
  for (int minute = 0; minute < 3; ++minute) {
    const auto tick = client.tick();
    CHECK_FALSE(tick.saving);
    CHECK_FALSE(tick.saves_unasked);
    CHECK(std::none_of(tick.findings.begin(), tick.findings.end(), [](const auto& finding) {
      return finding.verdict == probe::Verdict::failed;
    }));
  }
}

TEST_CASE("a drop-in that systemd did not read again was taken for another file's setting") {
  Client client;
  client.tick();
  client.server_dies();
  client.services.reload_fails = true;
  for (int minute = 0; minute < 2; ++minute) {
    const auto tick = client.tick();
    CHECK_FALSE(tick.could_act);
    CHECK(tick.saves_unasked);
    REQUIRE(tick.findings.size() == 2);
    CHECK(tick.findings[0].summary == "systemd did not reload its units");
    CHECK(tick.findings[0].remedy == "df -h /run");
    CHECK(tick.findings[1].summary.find("systemd has not read its units again") !=
          std::string::npos);
    CHECK(tick.findings[1].remedy == "df -h /run; timectl monitor");
  }
  client.services.reload_fails = false;
  const auto tick = client.tick();
  CHECK(tick.restarted);
  CHECK(tick.findings.empty());
}

TEST_CASE("what a reload that was refused would have given is no fault of the processes") {
  Client client;
  client.tick();
  client.services.left_behind = client.services.environment_of(controller_unit);
  client.services.reload_fails = true;
  client.site.hosts[1].controller->levels.traceable = profile::Environment{"CONSERVE_POWER=2"};
  const auto tick = client.tick();
  REQUIRE(tick.findings.size() == 1);
  CHECK(tick.findings[0].summary == "systemd did not reload its units");
}

TEST_CASE("a controller that was stopped stays stopped") {
  Client client;
  client.services.stop_for_good(controller_unit);
  CHECK(client.tick().saving);
  client.server_dies();
  client.tick();
  CHECK(client.services.restarts.empty());
  CHECK_FALSE(client.services.state(controller_unit).is_active());
}

TEST_CASE("a controller that is absent or masked is a finding and leaves no drop-in") {
  for (const bool masked : {false, true}) {
    Client client;
    client.tick();
    if (masked) {
      client.services.mask_unit(controller_unit);
    } else {
      client.site.hosts[1].controller->unit = "other.service";
      client.files.put("/run/systemd/system/other.service.d/ntp-environment.conf", "[Service]\n");
    }
    const auto tick = client.tick();
    CHECK_FALSE(tick.saving);
    CHECK_FALSE(tick.restarted);
    CHECK(tick.could_act);
    REQUIRE(tick.findings.size() == 1);
    CHECK(tick.findings[0].verdict == probe::Verdict::warning);
    CHECK_FALSE(client.files.has("/run/systemd/system/" + client.host.controller->unit +
                                 ".d/ntp-environment.conf"));
  }
}

TEST_CASE("the old script's drop-in in /etc is found out, and causes no restart each minute") {
  Client client;
  client.files.put(old_drop_in, "[Service]\nEnvironment=CONSERVE_POWER=1\n");
  client.services.daemon_reload();
  client.services.run_again(controller_unit);
  for (int minute = 0; minute < 3; ++minute) {
    const auto tick = client.tick();
    REQUIRE(tick.findings.size() == 1);
    CHECK(tick.findings[0].verdict == probe::Verdict::failed);
    CHECK(tick.findings[0].summary.find(old_drop_in) != std::string::npos);
    CHECK_FALSE(tick.restarted);
  }
  CHECK(client.files.has(old_drop_in));
}

TEST_CASE("an environment file that overrides ours causes one restart and a finding, not a loop") {
  Client client;
  client.services.set_environment_file(controller_unit, {"NTP_SERVER=10.0.0.1"});
  CHECK(client.tick().restarted);
  for (int minute = 0; minute < 3; ++minute) {
    const auto tick = client.tick();
    CHECK_FALSE(tick.restarted);
    REQUIRE(tick.findings.size() == 1);
    CHECK(tick.findings[0].remedy == "systemctl cat controller.service");
  }
}

TEST_CASE("what overrides ours is remembered also when the controller starts anew each minute") {
  Client client;
  client.services.set_environment_file(controller_unit, {"NTP_SERVER=10.0.0.1"});
  client.tick();
  client.tick();
  for (int minute = 0; minute < 3; ++minute) {
    client.services.run_again(controller_unit);
    const auto tick = client.tick();
    CHECK_FALSE(tick.restarted);
    CHECK(tick.findings.size() == 1);
  }
  client.server_dies();
  CHECK(client.tick().restarted);
}

TEST_CASE("CONSERVE_POWER=10 is not CONSERVE_POWER=1") {
  Client client;
  client.tick();
  ControllerView observed = observe_controller(controller_unit, client.files, client.services);
  observed.process_environment = {"CONSERVE_POWER=10", "NTP_SYNCED=true", "NTP_SERVER=192.168.4.2"};
  observed.names = timectl::controller::names_of({});
  CHECK(needs_restart(observed, decide_drop_in(observed, saving_text()), {}));
}

TEST_CASE("a tick that died before the reload or the restart is made good by the next") {
  Client client;
  client.files.put(drop_in, saving_text());  // written, not reloaded
  CHECK(client.tick().restarted);
  CHECK(client.services.reloads == 1);

  Client other;
  other.files.put(drop_in, saving_text());
  other.services.daemon_reload();  // reloaded, not restarted
  const auto tick = other.tick();
  CHECK(tick.restarted);
  CHECK_FALSE(tick.changed);
}

TEST_CASE("without the right to see the process only a change of ours restarts it") {
  Client client;
  client.services.hides_environment = true;
  CHECK(client.tick().restarted);
  CHECK_FALSE(client.tick().restarted);
  client.server_dies();
  CHECK(client.tick().restarted);
}

TEST_CASE("a controller that writes over its environment is restarted for each change of ours") {
  Client client;
  client.services.overwrites_environment = true;
  CHECK(client.tick().restarted);
  CHECK_FALSE(client.tick().restarted);
  client.server_dies();
  CHECK(client.tick().restarted);
  CHECK(client.services.environment_of(controller_unit) ==
        std::vector<std::string>{"PATH=/usr/bin"});
}

TEST_CASE("a restart that failed is tried again also where the environment cannot be seen") {
  Client client;
  client.services.hides_environment = true;
  client.tick();
  client.server_dies();
  client.services.restart_fails = true;
  CHECK_FALSE(client.tick().restarted);
  client.services.restart_fails = false;
  CHECK(client.tick().restarted);
  CHECK(client.services.environment_of(controller_unit) ==
        std::vector<std::string>{"PATH=/usr/bin"});
  CHECK_FALSE(client.tick().restarted);
}

TEST_CASE("a controller with an environment beyond the limit is not known, and loses its saving") {
  Client client;
  client.services.set_environment_file(controller_unit, {"JUNK=" + std::string(3U << 20, 'x')});
  const auto tick = client.tick();
  const auto found = std::find_if(
      tick.findings.begin(), tick.findings.end(),
      [](const auto& finding) { return finding.probe.text() == "controller.environment"; });
  REQUIRE(found != tick.findings.end());
  CHECK(found->verdict == probe::Verdict::unknown);
  CHECK(found->summary == "the environment of controller.service is not known");
  CHECK(found->cause ==
        "cannot read '/proc/4711/environ': it is larger than 2 MiB, the limit for the environment "
        "of a process");
  client.server_dies();
  CHECK(client.tick().restarted);
  CHECK_FALSE(client.files.has(drop_in));
}

TEST_CASE("one process that could not be read hid another one that saves power") {
  Client client;
  client.server_dies();
  client.services.set_environment_file(controller_unit, {"JUNK=" + std::string(3U << 20, 'x')});
  client.services.left_behind = {"CONSERVE_POWER=1"};
  const auto tick = client.tick();
  CHECK(tick.saves_unasked);
  CHECK(tick.findings.back().summary.starts_with("process 99 (worker) of controller.service has "));
}

TEST_CASE("a systemd that does not answer, reload or restart leaves the tick incomplete") {
  Client silent;
  silent.tick();
  silent.services.broken = "cannot ask systemd: timed out";
  const auto unasked = silent.tick();
  CHECK_FALSE(unasked.could_act);
  CHECK_FALSE(unasked.saving);
  CHECK_FALSE(silent.files.has(drop_in));  // the next boot or reload must not find it

  Client full;
  full.services.reload_fails = true;
  CHECK_FALSE(full.tick().could_act);
  full.services.reload_fails = false;
  CHECK(full.tick().restarted);

  Client failing;
  failing.services.restart_fails = true;
  const auto tick = failing.tick();
  CHECK_FALSE(tick.could_act);
  CHECK_FALSE(tick.restarted);
}

TEST_CASE("what is given is marked until the controller was restarted without it") {
  Client client;
  client.tick();
  CHECK(client.files.at(given) == controller_unit + "\n");
  client.server_dies();
  client.services.reload_fails = true;
  client.tick();
  CHECK_FALSE(client.files.has(drop_in));
  CHECK(client.files.has(given));
  client.services.reload_fails = false;
  client.services.restart_fails = true;
  client.tick();
  CHECK(client.files.has(given));
  client.services.restart_fails = false;
  CHECK(client.tick().restarted);
  CHECK_FALSE(client.files.has(given));
}

TEST_CASE("a systemd that did not answer once leaves the mark, and the next tick ends it") {
  Client client;
  client.tick();
  client.services.broken = "cannot ask systemd: timed out";
  CHECK_FALSE(client.tick().could_act);
  CHECK_FALSE(client.files.has(drop_in));
  CHECK(client.files.has(given));
  client.services.broken.clear();
  client.server_dies();
  CHECK(client.tick().restarted);
  CHECK_FALSE(client.files.has(given));
}

TEST_CASE("a full disk is an error, wherever in the tick it strikes, and never saves power") {
  for (int n = 1;; ++n) {
    Client client;
    client.tick();
    client.server_dies();
    client.files.fail_on_write(n, true);
    try {
      client.tick();
      CHECK(n > 1);
      break;
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::io);
    }
    client.files.fail_on_write(1'000'000);
    CHECK_FALSE(client.tick().saving);
    CHECK_FALSE(client.files.has(drop_in));
    CHECK(client.services.environment_of(controller_unit) ==
          std::vector<std::string>{"PATH=/usr/bin"});
  }
}

TEST_CASE("a controller that takes long to restart is not waited for, and its run is adopted") {
  Client client;
  client.services.set_environment_file(controller_unit, {"NTP_SERVER=10.0.0.1"});
  client.services.restart_takes_long = true;
  const auto tick = client.tick();
  CHECK(tick.restarted);
  CHECK(tick.could_act);
  const auto old = client.services.state(controller_unit).invocation_id;
  CHECK(read_state(client.files, client.clock.boot_id()).restarting_from == old);
  client.services.finish_restart();
  CHECK(client.services.state(controller_unit).invocation_id != old);
  for (int minute = 0; minute < 3; ++minute) CHECK_FALSE(client.tick().restarted);
  CHECK(client.services.restarts.size() == 1);
}

TEST_CASE("a run that began with more than its restart was for does not keep it") {
  Client client;
  client.tick();
  client.services.restart_takes_long = true;
  client.server_dies();
  CHECK(client.tick().restarted);
  // The old run still stops when power saving is allowed again: the new one begins with it.
  client.server_is(FakeNtpServer{});
  client.clock.advance(1min);
  client.follow(server_address);
  CHECK(client.tick().saving);
  client.services.restart_takes_long = false;
  client.services.finish_restart();
  client.clock.advance(1min);
  client.follow(server_address);
  client.tick();
  client.server_dies();
  client.clock.advance(1min);
  client.tick();
  CHECK(client.services.environment_of(controller_unit) ==
        std::vector<std::string>{"PATH=/usr/bin"});
}

TEST_CASE("what a restart is for is noted before it, and a failed one is tried again") {
  Client client;
  client.services.restart_fails = true;
  client.tick();
  const auto noted = read_state(client.files, client.clock.boot_id());
  CHECK_FALSE(noted.restarting_from.empty());
  CHECK(noted.restarts.size() == 1);
  client.services.restart_fails = false;
  CHECK(client.tick().restarted);
}
