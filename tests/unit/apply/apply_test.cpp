// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply_fixture.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"

#include <algorithm>

using namespace timectl;
using namespace timectl::apply;
using test::error_of;
using test::Host;
using test::mentions;
using test::snapshot;

TEST_CASE("after applying a second plan is empty, and applying that touches nothing") {
  Host host;
  const auto outcome = host.apply();
  REQUIRE(outcome.kind == OutcomeKind::committed);
  CHECK(outcome.problems.empty());
  CHECK(host.plan().empty());
  const auto writes = host.files.writes();
  const auto calls = host.services.fuse.calls();
  CHECK(host.apply().generation.empty());
  CHECK(host.files.writes() == writes);
  CHECK(host.services.fuse.calls() == calls);
}

TEST_CASE("applying writes files with their owners, keeps the old lines and sets units") {
  Host host;
  host.apply();
  CHECK(host.files.at("/etc/chrony/conf.d/50-timectl.conf") == "new conf\n");
  CHECK(host.files.snapshot().at("/etc/chrony/conf.d/50-timectl.conf").ownership.mode == 0644);
  CHECK(host.files.snapshot().at("/etc/hosts").ownership.mode == 0664);
  CHECK(host.files.at("/boot/firmware/config.txt").starts_with("dtparam=audio=on\n"));
  CHECK(host.files.at("/etc/localtime") == "/usr/share/zoneinfo/UTC");
  CHECK_FALSE(host.files.has("/etc/motd"));
  CHECK(host.services.units().at("ntp.service").masked);
  CHECK_FALSE(host.services.units().at("ntp.service").active);
  CHECK(host.services.units().at("timectl-rtc.service").active);
  CHECK(host.services.units().at("chrony.service").enablement == "enabled");
  CHECK(host.host.host_name == "pi-ntp");
}

TEST_CASE("systemd has read the new unit files before anything is started") {
  Host host;
  host.apply();
  const auto& log = host.services.log();
  const auto reload = std::find(log.begin(), log.end(), "daemon-reload");
  const auto start = std::find(log.begin(), log.end(), "start timectl-rtc.service");
  const auto stop = std::find(log.begin(), log.end(), "stop ntp.service");
  const auto restart = std::find(log.begin(), log.end(), "restart chrony.service");
  REQUIRE(start != log.end());
  REQUIRE(restart != log.end());
  CHECK(reload < start);
  CHECK(stop < restart);
}

TEST_CASE("a health check that finds reasons brings everything back, daemons included") {
  Host host;
  const auto before = snapshot(host);
  const auto outcome = host.apply([] { return std::vector<std::string>{"ntp.port: nobody"}; });
  CHECK(outcome.kind == OutcomeKind::restored);
  CHECK(outcome.reason == "ntp.port: nobody");
  CHECK(outcome.problems.empty());
  CHECK(snapshot(host) == before);
  const auto& log = host.services.log();
  CHECK(std::find(log.begin(), log.end(), "restart controller.service") > log.end() - 3);
  CHECK_FALSE(find_interrupted(host.files));
}

TEST_CASE("a health check that throws is a reason too") {
  Host host;
  const auto before = snapshot(host);
  const auto outcome = host.apply([]() -> std::vector<std::string> {
    throw Error{ErrorKind::timeout, "no answer"};
  });
  CHECK(outcome.kind == OutcomeKind::restored);
  CHECK(outcome.reason == "no answer");
  CHECK(snapshot(host) == before);
}

TEST_CASE("a daemon that refuses its new configuration runs on with the old one") {
  Host host;
  host.services.refuse_start("chrony.service", [](const test::FakeFiles& files) {
    return files.at("/etc/chrony/conf.d/50-timectl.conf") == "new conf\n";
  });
  const auto before = snapshot(host);
  const auto outcome = host.apply();
  CHECK(outcome.kind == OutcomeKind::restored);
  CHECK(mentions(outcome.reason, "chrony.service"));
  CHECK(snapshot(host) == before);
}

TEST_CASE("a file that changed while the plan was being read is not overwritten") {
  Host host;
  const auto plan = host.plan();
  host.files.put("/etc/hosts", "127.0.0.1 localhost\n10.0.0.1 mine\n", 0664);
  const auto before = snapshot(host);
  auto machine = host.machine();
  const auto error = error_of([&] {
    apply_plan(
        plan, machine, [] { return std::vector<std::string>{}; }, [](const auto&) {});
  });
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::refused);
  CHECK(mentions(error, "/etc/hosts"));
  CHECK(snapshot(host) == before);
  CHECK_FALSE(find_interrupted(host.files));
}

TEST_CASE("what was written last is known by path, kind and content") {
  Host host;
  const auto generation = host.apply().generation;
  const LastWritten written{host.files};
  CHECK(written.generation() == generation);
  CHECK(written.host() == "pi-ntp");
  CHECK(written.role() == "server");
  CHECK(written.profile() == "site");
  CHECK(written.last_written(system::RootedPath{"/etc/hosts"}) == "192.168.4.2 pi-ntp\n");
  CHECK_FALSE(written.last_written(system::RootedPath{"/etc/motd"}));
  CHECK(written.record(system::RootedPath{"/boot/firmware/config.txt"})->in_place);
}

TEST_CASE("a role that goes takes its files, blocks and units along") {
  Host host;
  const auto hosts = host.files.at("/etc/hosts");
  host.apply();
  host.target.files.clear();
  host.target.units.clear();
  CHECK(host.apply().kind == OutcomeKind::committed);
  CHECK(host.plan().empty());
  CHECK(host.files.at("/etc/hosts") == hosts);
  CHECK(host.files.at("/boot/firmware/config.txt") == "dtparam=audio=on");
  CHECK_FALSE(host.files.has("/etc/systemd/system/timectl-rtc.service"));
  CHECK(host.services.units().count("timectl-rtc.service") == 0);
}

TEST_CASE("content that is no UTF-8 is remembered byte for byte") {
  Host host;
  host.target.files[1].content = "caf\xe9\n";
  host.apply();
  CHECK(LastWritten{host.files}.last_written(host.target.files[1].path) == "caf\xe9\n");
  CHECK(host.plan().empty());
}

TEST_CASE("an offline root gets files and enablement, and nothing is started there") {
  Host host;
  host.services.stop_running();
  const auto outcome = host.apply();
  CHECK(outcome.kind == OutcomeKind::committed);
  CHECK(host.plan().empty());
  for (const auto& entry : host.services.log()) {
    CAPTURE(entry);
    CHECK((entry.starts_with("enable ") || entry.starts_with("mask ") ||
           entry.starts_with("disable ")));
  }
  CHECK(host.host.log.empty());
}

TEST_CASE("what helps against the reason of a rollback is said with it") {
  Host host;
  auto ports = host.machine();
  const auto outcome = apply_plan(host.plan(), ports, test::healthy, [](const std::string&) {
    throw Error{ErrorKind::refused, "cannot change that", "chown it"};
  });
  CHECK(outcome.kind == OutcomeKind::restored);
  CHECK(outcome.reason == "cannot change that");
  CHECK(outcome.hint == "chown it");
}

TEST_CASE("who stops the work between two steps gets the machine back as it was") {
  int steps = 1;
  for (int stop_at = 1; stop_at <= steps; ++stop_at) {
    Host host;
    const auto before = snapshot(host);
    auto ports = host.machine();
    int step = 0;
    const auto outcome = apply_plan(
        host.plan(), ports, [] { return std::vector<std::string>{}; },
        [&](const std::string&) {
          if (++step >= stop_at) throw Error{ErrorKind::external, "interrupted by SIGINT"};
        });
    steps = stop_at + 1;
    if (step < stop_at) {
      CHECK(outcome.kind == OutcomeKind::committed);
      CHECK(stop_at > 10);
      break;
    }
    CAPTURE(stop_at);
    CHECK(outcome.kind == OutcomeKind::restored);
    CHECK(outcome.reason == "interrupted by SIGINT");
    CHECK(outcome.problems.empty());
    CHECK(snapshot(host) == before);
  }
}
