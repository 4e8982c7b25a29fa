// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/journal.hpp"
#include "apply_fixture.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"

using namespace timectl;
using namespace timectl::apply;
using namespace std::chrono_literals;
using test::error_of;
using test::Host;
using test::mentions;
using test::snapshot;

namespace {

/// A clock that is moved, on a host that is booted again.
struct MovedClock : test::StoppedClock {
  std::chrono::nanoseconds up = 1h;
  std::string boot = "first";

  std::chrono::nanoseconds since_boot() const override { return up; }
  std::string boot_id() const override { return boot; }
};

bool would_recover_at_boot(const Host& host) {
  return host.files
      .status(system::RootedPath{"/etc/systemd/system/sysinit.target.d/timectl-recover.conf"})
      .has_value();
}

struct WaitingHost : Host {
  MovedClock moved;
  std::vector<std::chrono::seconds> planned;

  apply::Machine ports() {
    return {files, services, daemons, host, moved, &packages, "/target", {}};
  }
  PlanUndo plan_undo() {
    return [this](const std::string&, const Confirmation& wait) { planned.push_back(wait.span); };
  }
  Outcome provision() {
    auto machine = ports();
    return apply_plan(
        plan(), machine, [] { return std::vector<std::string>{}; }, [](const auto&) {},
        {.recovery_unit = recovery_unit, .confirm_within = 10min, .plan_undo = plan_undo()});
  }
  Outcome resume_wait(Jobs jobs = Jobs::wait) {
    auto machine = ports();
    return apply::recover(
        machine, [](const auto&) {}, jobs, plan_undo());
  }
  Outcome confirm_it() {
    auto machine = ports();
    return apply::confirm(machine);
  }
  void reboot() {
    moved.boot += "+";
    moved.up = 5s;
  }
  /// config.txt is what needs the reboot.
  void want_no_reboot() { target.files.erase(target.files.begin()); }
};

}  // namespace

TEST_CASE("a change to be confirmed is applied and waits, and is no interrupted one") {
  WaitingHost host;
  const auto outcome = host.provision();
  CHECK(outcome.kind == OutcomeKind::waiting);
  CHECK(host.files.at("/etc/chrony/conf.d/50-timectl.conf") == "new conf\n");
  CHECK(host.planned == std::vector<std::chrono::seconds>{10min});
  CHECK_FALSE(find_interrupted(host.files));
  const auto waiting = find_unconfirmed(host.files);
  REQUIRE(waiting);
  CHECK(waiting->generation == outcome.generation);
  CHECK(waiting->confirmation.until_utc == "2026-11-20T14:03:04Z");
  // A query meanwhile shows the host as it is.
  const LastWritten last{host.files};
  CHECK(last.host() == "pi-ntp");
  CHECK(last.unconfirmed()->generation == outcome.generation);
  CHECK_FALSE(last.interrupted());
  CHECK(host.plan().empty());
}

TEST_CASE("while a change waits another one is refused, with the way out") {
  WaitingHost host;
  host.provision();
  host.target.files[1].content = "another\n";
  const auto error = error_of([&] { host.provision(); });
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::refused);
  CHECK(mentions(error, "timectl confirm"));
}

TEST_CASE("a confirmed change is committed and nothing undoes it any more") {
  WaitingHost host;
  const auto generation = host.provision().generation;
  CHECK(host.confirm_it().generation == generation);
  const auto after = snapshot(host);
  CHECK_FALSE(find_unconfirmed(host.files));
  host.moved.up += 1h;
  CHECK(host.resume_wait().generation.empty());
  host.reboot();
  host.resume_wait();
  CHECK(snapshot(host) == after);
  CHECK(error_of([&] { host.confirm_it(); })->kind() == ErrorKind::refused);
}

TEST_CASE("an unconfirmed change is rolled back when its window is over, not before") {
  WaitingHost host;
  const auto before = snapshot(host);
  host.provision();
  host.moved.up += 599s;
  CHECK(host.resume_wait().kind == OutcomeKind::waiting);
  host.moved.up += 1s;
  CHECK(mentions(error_of([&] { host.confirm_it(); }), "over"));
  const auto outcome = host.resume_wait();
  CHECK(outcome.kind == OutcomeKind::restored);
  CHECK(outcome.reason == "it was not confirmed in time");
  CHECK(snapshot(host) == before);
  CHECK(LastWritten{host.files}.generation().empty());
}

TEST_CASE("a boot before the confirmation undoes the change") {
  WaitingHost host;
  host.want_no_reboot();
  const auto tree = host.tree();
  host.provision();
  host.reboot();
  const auto outcome = host.resume_wait(Jobs::enqueue);
  CHECK(outcome.kind == OutcomeKind::restored);
  CHECK(host.tree() == tree);
}

TEST_CASE("a change that needs the reboot survives one, with its whole time, and no second") {
  WaitingHost host;
  const auto tree = host.tree();
  host.provision();
  host.reboot();
  CHECK(host.resume_wait(Jobs::enqueue).kind == OutcomeKind::waiting);
  CHECK(host.planned.size() == 2);
  CHECK(find_unconfirmed(host.files)->confirmation.until == 605s);
  SECTION("it can be confirmed then") {
    CHECK(host.confirm_it().kind == OutcomeKind::committed);
    host.reboot();
    host.resume_wait(Jobs::enqueue);
    CHECK(host.tree() != tree);
  }
  SECTION("its time runs out") {
    host.moved.up += 10min;
    CHECK(host.resume_wait().kind == OutcomeKind::restored);
    CHECK(host.tree() == tree);
  }
  SECTION("a second boot undoes it") {
    host.reboot();
    CHECK(host.resume_wait(Jobs::enqueue).kind == OutcomeKind::restored);
    CHECK(host.tree() == tree);
  }
}

TEST_CASE("a change can be rejected before its time is over") {
  WaitingHost host;
  const auto before = snapshot(host);
  host.provision();
  auto machine = host.ports();
  CHECK(reject(machine, [](const auto&) {}).kind == OutcomeKind::restored);
  CHECK(snapshot(host) == before);
  CHECK(error_of([&] { reject(machine, [](const auto&) {}); })->kind() == ErrorKind::refused);
}

TEST_CASE("what was edited while a change waited is kept beside its journal") {
  WaitingHost host;
  const auto generation = host.provision().generation;
  host.files.put("/etc/chrony/conf.d/50-timectl.conf", "mine\n");
  host.moved.up += 10min;
  const auto outcome = host.resume_wait();
  CHECK(host.files.at("/etc/chrony/conf.d/50-timectl.conf") == "old conf\n");
  REQUIRE(outcome.notes.size() == 1);
  const auto copy = "/var/lib/timectl/generations/" + generation + "/edited-001-50-timectl.conf";
  CHECK(mentions(outcome.notes.front(), copy));
  CHECK(host.files.at(copy) == "mine\n");
}

TEST_CASE(
    "NetworkManager would put the network back, after the end of the wait, if timectl did not") {
  WaitingHost host;
  host.host.has_network_manager = true;
  host.provision();
  REQUIRE(host.host.checkpoint);
  CHECK(*host.host.checkpoint > 10min);
  CHECK(would_recover_at_boot(host));
  host.confirm_it();
  CHECK_FALSE(host.host.checkpoint);
  CHECK_FALSE(would_recover_at_boot(host));
}

TEST_CASE("a change that is undone leaves NetworkManager nothing to put back") {
  WaitingHost host;
  host.host.has_network_manager = true;
  host.provision();
  host.moved.up += 10min;
  CHECK(host.resume_wait().kind == OutcomeKind::restored);
  CHECK_FALSE(host.host.checkpoint);
}

TEST_CASE("a change is not confirmed while NetworkManager would undo its part of it") {
  WaitingHost host;
  host.host.has_network_manager = true;
  host.provision();
  host.host.fuse.fail_on(1);
  REQUIRE(error_of([&] { host.confirm_it(); }));
  CHECK(find_unconfirmed(host.files));
  host.mend();
  host.confirm_it();
  CHECK_FALSE(find_unconfirmed(host.files));
}

TEST_CASE("without a wait NetworkManager is asked for no checkpoint") {
  Host host;
  host.host.has_network_manager = true;
  REQUIRE(host.apply().kind == OutcomeKind::committed);
  CHECK_FALSE(host.host.checkpoint);
}

TEST_CASE("a change whose alarm cannot be set is undone at once") {
  WaitingHost host;
  const auto before = snapshot(host);
  auto machine = host.ports();
  const auto outcome = apply_plan(
      host.plan(), machine, [] { return std::vector<std::string>{}; }, [](const auto&) {},
      {.confirm_within = 10min, .plan_undo = [](const std::string&, const Confirmation&) {
         throw Error{ErrorKind::external, "no timer"};
       }});
  CHECK(outcome.kind == OutcomeKind::restored);
  CHECK(snapshot(host) == before);
}

TEST_CASE("whichever write fails while an unconfirmed change is undone, recover finishes it") {
  for (int n = 1; n < 300; ++n) {
    WaitingHost host;
    const auto before = snapshot(host);
    host.provision();
    host.moved.up += 10min;
    const auto writes = host.files.writes();
    host.files.fail_on_write(n, true);
    try {
      host.resume_wait();
    } catch (const Error&) {
    }
    const bool finished = host.files.writes() < writes + n;
    host.mend();
    CAPTURE(n);
    CHECK(host.resume_wait().kind != OutcomeKind::incomplete);
    CHECK(snapshot(host) == before);
    if (finished) break;
  }
}
