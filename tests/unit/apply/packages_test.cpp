// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply_fixture.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"

using namespace timectl;
using namespace timectl::apply;
using test::error_of;
using test::Host;
using test::mentions;

namespace {

/// timesyncd is there, chrony is wanted, and they exclude each other.
struct PackageHost : Host {
  PackageHost() {
    target.packages = {"chrony"};
    target.files[1].group = "_chrony";
    packages.present = {{"systemd-timesyncd", "252"}};
    packages.available = {"chrony"};
    packages.conflicts = {{"chrony", {"systemd-timesyncd"}}, {"systemd-timesyncd", {"chrony"}}};
    packages.on_install = [this](const std::string& name) {
      if (name == "chrony") files.put("/etc/group", "_chrony:x:117:\n");
    };
  }
  Outcome provision(const Health& health = [] { return std::vector<std::string>{}; }) {
    auto ports = machine();
    return apply_plan(plan(), ports, health, [](const auto&) {},
                      {.replan = [this] { return plan(); }, .recovery_unit = recovery_unit});
  }
};

std::vector<std::string> unhealthy() { return {"no"}; }

}  // namespace

TEST_CASE("packages come first, and the rest is planned again with what they brought") {
  PackageHost host;
  const auto outcome = host.provision();
  CHECK(outcome.kind == OutcomeKind::committed);
  CHECK(host.packages.present.count("chrony") == 1);
  CHECK(host.files.snapshot().at("/etc/chrony/conf.d/50-timectl.conf").ownership.gid == 117);
  CHECK(host.plan().empty());
  CHECK(host.packages.kept.size() == 1);
  CHECK(host.packages.kept.begin()->first ==
        "/target/var/lib/timectl/generations/" + outcome.generation + "/packages");
}

TEST_CASE("removed packages come back, added ones stay and that is said") {
  PackageHost host;
  host.packages.conflicts["systemd-timesyncd"].clear();
  const auto tree = host.tree();
  const auto outcome = host.provision(unhealthy);
  CHECK(outcome.kind == OutcomeKind::restored);
  CHECK(host.packages.present.count("systemd-timesyncd") == 1);
  CHECK(outcome.notes == std::vector<std::string>{"added packages stay installed: chrony"});
  auto now = host.tree();
  now.erase("/etc/group");
  CHECK(now == tree);
}

TEST_CASE("a plan that is refused when it is made again takes the packages back") {
  PackageHost host;
  auto ports = host.machine();
  const Error refusal{ErrorKind::refused, "it was not shown", "add more"};
  const auto outcome = apply_plan(
      host.plan(), ports, [] { return std::vector<std::string>{}; }, [](const auto&) {},
      {.replan = [&]() -> plan::Plan { throw refusal; }, .recovery_unit = host.recovery_unit});
  CHECK(outcome.kind == OutcomeKind::restored);
  CHECK(mentions(outcome.reason, "it was not shown"));
  CHECK(outcome.hint == "add more");
  CHECK(host.packages.present.count("systemd-timesyncd") == 1);
  CHECK(host.packages.present.count("chrony") == 0);
  CHECK_FALSE(find_interrupted(host.files));
}

TEST_CASE("an installation that fails leaves files and packages as they were") {
  PackageHost host;
  const auto before = snapshot(host);
  host.packages.fuse.fail_on(2);
  const auto outcome = host.provision();
  CHECK(outcome.kind == OutcomeKind::restored);
  CHECK(mentions(outcome.reason, "install packages"));
  CHECK(snapshot(host) == before);
}

TEST_CASE("packages that apt knows and cannot get were an error after the journal was begun") {
  PackageHost host;
  const auto before = snapshot(host);
  host.packages.is_offline = true;
  CHECK(mentions(error_of([&] { host.provision(); }), "cannot fetch 'chrony'"));
  CHECK(snapshot(host) == before);
  CHECK_FALSE(find_interrupted(host.files));
}

TEST_CASE("packages that are not to be had are an error before anything is changed") {
  PackageHost host;
  const auto before = snapshot(host);
  host.packages.available.clear();
  CHECK(mentions(error_of([&] { host.provision(); }), "chrony"));
  CHECK(snapshot(host) == before);
  CHECK_FALSE(find_interrupted(host.files));
}

TEST_CASE("without the right to change packages a plan that needs them is an error") {
  PackageHost host;
  auto machine = host.machine();
  machine.packages = nullptr;
  const auto error = error_of([&] {
    apply_plan(
        host.plan(), machine, [] { return unhealthy(); }, [](const auto&) {});
  });
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::missing);
}

TEST_CASE("packages that cannot be put back are a problem that names their directory") {
  PackageHost host;
  host.packages.fuse.fail_on(3);
  const auto outcome = host.provision(unhealthy);
  CHECK(outcome.kind == OutcomeKind::incomplete);
  REQUIRE(outcome.problems.size() == 2);  // the packages, and where everything from before is
  CHECK(mentions(outcome.problems.front(), "/target/var/lib/timectl/generations/"));
  CHECK(find_interrupted(host.files));
  host.mend();
  CHECK(host.recover().kind == OutcomeKind::restored);
  CHECK(host.packages.present.count("systemd-timesyncd") == 1);
}

TEST_CASE("early boot leaves packages to a later recover") {
  PackageHost host;
  host.provision([&] {
    host.files.fail_on_write(1, true);
    host.packages.fuse.fail_on(1, true);
    return unhealthy();
  });
  host.mend();
  REQUIRE(host.packages.present.count("systemd-timesyncd") == 0);
  CHECK(host.recover(Jobs::enqueue).kind == OutcomeKind::incomplete);
  REQUIRE(find_interrupted(host.files));
  CHECK(host.recover().kind == OutcomeKind::restored);
  CHECK_FALSE(find_interrupted(host.files));
  CHECK(host.packages.present.count("systemd-timesyncd") == 1);
}

TEST_CASE("an added package that a returning one pushed out is not said to stay") {
  PackageHost host;
  host.packages.conflicts["systemd-timesyncd"] = {"chrony"};
  const auto outcome = host.provision(unhealthy);
  CHECK(outcome.kind == OutcomeKind::restored);
  CHECK(host.packages.present.count("chrony") == 0);
  CHECK(outcome.notes.empty());
}
