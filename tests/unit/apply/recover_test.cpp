// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply_fixture.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"

#include <algorithm>

using namespace timectl;
using namespace timectl::apply;
using std::chrono::hours;
using test::die_before_commit;
using test::error_of;
using test::Host;
using test::mentions;
using test::snapshot;

namespace {

/// Dies in the health check: files and units are new, nothing is committed.
}  // namespace

TEST_CASE("a machine where nothing was interrupted needs no recovery") {
  Host host;
  CHECK_FALSE(find_interrupted(host.files));
  const auto outcome = host.recover();
  CHECK(outcome.kind == OutcomeKind::committed);
  CHECK(outcome.generation.empty());
  CHECK(host.files.writes() == Host{}.files.writes());
}

TEST_CASE("an interrupted transaction is found, and nothing new begins before it is undone") {
  Host host;
  const auto before = snapshot(host);
  die_before_commit(host);
  const auto open = find_interrupted(host.files);
  REQUIRE(open);
  CHECK(open->host == "pi-ntp");
  CHECK(open->role == "server");
  CHECK(open->started == "2026-11-20T13:53:04Z");
  host.target.files[1].content = "another\n";
  const auto error = error_of([&] { host.apply(); });
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::refused);
  const auto outcome = host.recover();
  CHECK(outcome.kind == OutcomeKind::restored);
  CHECK(outcome.generation == open->generation);
  CHECK(snapshot(host) == before);
}

TEST_CASE("in early boot units are enqueued and nothing is waited for") {
  Host host;
  const auto tree = host.tree();
  die_before_commit(host);
  // After the reboot nothing runs yet.
  for (const auto& [name, unit] : host.services.units()) {
    auto stopped = unit;
    stopped.active = false;
    host.services.put(name, stopped);
  }
  host.services.clear_log();
  CHECK(host.recover(Jobs::enqueue).kind == OutcomeKind::restored);
  CHECK(host.tree() == tree);
  const auto& log = host.services.log();
  const auto is_waiting = [](const std::string& entry) {
    return entry.starts_with("start ") || entry.starts_with("restart ") ||
           entry.starts_with("stop ");
  };
  CHECK(std::none_of(log.begin(), log.end(), is_waiting));
  CHECK(std::count(log.begin(), log.end(), "enqueue start ntp.service") == 1);
  CHECK(std::count(log.begin(), log.end(), "enqueue start chrony.service") == 1);
}

TEST_CASE("a unit that does not come back is told, and the files are back all the same") {
  Host host;
  const auto tree = host.tree();
  die_before_commit(host);
  host.services.refuse_start("ntp.service", [](const test::FakeFiles&) { return true; });
  const auto outcome = host.recover();
  CHECK(outcome.kind == OutcomeKind::incomplete);
  REQUIRE(outcome.problems.size() == 1);
  CHECK(mentions(outcome.problems.front(), "ntp.service"));
  CHECK(host.tree() == tree);
  // The disk is as it was; a daemon's own trouble does not block the next provision.
  CHECK_FALSE(find_interrupted(host.files));
}

TEST_CASE("where systemd cannot be asked that is told, and the files are back all the same") {
  Host host;
  const auto tree = host.tree();
  die_before_commit(host);
  host.services.be_out_of_reach();
  const auto outcome = host.recover();
  CHECK(outcome.kind == OutcomeKind::incomplete);
  REQUIRE_FALSE(outcome.problems.empty());
  CHECK(mentions(outcome.problems.front(), "libsystemd"));
  CHECK(host.tree() == tree);
}

TEST_CASE("a file that differs from what it was only in its time gets that back") {
  Host host;
  const system::RootedPath hosts{"/etc/hosts"};
  const auto old = host.files.read(hosts);
  die_before_commit(host);
  host.files.stage(hosts, old->content, old->status.ownership, old->status.modified + hours{1});
  host.files.swap_in(hosts);
  CHECK(host.recover().kind == OutcomeKind::restored);
  CHECK(host.files.status(hosts)->modified == old->status.modified);
}

TEST_CASE("whatever could not be put back, the place of what was there before is told") {
  int told = 0;
  for (int n = 1; n < 200; ++n) {
    Host host;
    die_before_commit(host);
    host.files.fail_on_write(n);
    const auto outcome = host.recover();
    if (!host.files.has_failed()) break;
    if (!find_interrupted(host.files)) continue;
    CAPTURE(n);
    const auto& problems = outcome.problems;
    CHECK(std::any_of(problems.begin(), problems.end(), [&](const std::string& problem) {
      return mentions(problem, "/var/lib/timectl/generations/" + outcome.generation);
    }));
    ++told;
  }
  CHECK(told > 20);
}

TEST_CASE("daemons that never heard of the change are not restarted by undoing it") {
  Host host;
  host.files.fail_on_write(60);
  const auto outcome = host.apply();
  REQUIRE(outcome.kind == OutcomeKind::restored);
  REQUIRE(host.daemons.source_reloads == 0);
  for (const auto& entry : host.services.log()) CHECK(entry == "daemon-reload");
}

TEST_CASE("in early boot a unit that the interrupted change enabled is stopped before it starts") {
  Host host;
  die_before_commit(host);
  // Booted again: its start is queued, it does not run yet.
  host.services.put("timectl-rtc.service", {"enabled", false});
  host.services.clear_log();
  host.recover(Jobs::enqueue);
  const auto& log = host.services.log();
  CHECK(std::count(log.begin(), log.end(), "enqueue stop timectl-rtc.service") == 1);
  CHECK(std::count(log.begin(), log.end(), "enqueue stop chrony.service") == 0);
}

TEST_CASE("what was edited after the death of a change is kept when it is rolled back") {
  Host host;
  const auto before = snapshot(host);
  die_before_commit(host);
  host.files.put("/etc/chrony/conf.d/50-timectl.conf", "mine\n");
  const auto outcome = host.recover();
  CHECK(outcome.kind == OutcomeKind::restored);
  REQUIRE(outcome.notes.size() == 1);
  CHECK(mentions(outcome.notes.front(), "/etc/chrony/conf.d/50-timectl.conf meanwhile is in "));
  const auto copy = outcome.notes.front().substr(outcome.notes.front().rfind(' ') + 1);
  CHECK(host.files.at(copy) == "mine\n");
  CHECK(snapshot(host) == before);
}

TEST_CASE("while another apt-get is at work a change of packages stays open") {
  Host host;
  host.target.packages = {"chrony"};
  host.packages.available = {"chrony"};
  host.apply([&] {
    host.packages.is_busy = true;
    return std::vector<std::string>{"not healthy"};
  });
  CHECK(find_interrupted(host.files));
  host.packages.is_busy = false;
  CHECK(host.recover().kind == OutcomeKind::restored);
  CHECK_FALSE(find_interrupted(host.files));
}
