// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/past.hpp"
#include "apply_fixture.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace timectl;
using namespace timectl::apply;
using system::RootedPath;
using test::Host;
using test::snapshot;
using test::Snapshot;

namespace {

const std::string etc = "/etc/systemd/system/";
const std::string run = "/run/systemd/system/";
const std::string lib = "/usr/lib/systemd/system/";

std::vector<std::string> says_yes() { return {}; }
std::vector<std::string> says_no() { return {"the health check says no"}; }

/// `chrony` says how that is masked; timectl's own unit is masked as an operator would before the
/// first provision, and so is one that the role only wants stopped.
struct MaskedHost : Host {
  explicit MaskedHost(const std::function<void(test::FakeFiles&)>& chrony) {
    files.put(lib + "chrony.service", "[Install]\nAlso=chrony-wait.service\n");
    files.put_link(etc + "multi-user.target.wants/chrony.service", lib + "chrony.service");
    files.put_link(etc + "timectl-rtc.service", "/dev/null");
    files.put_link(etc + "fake-hwclock.service", "/dev/null");
    files.put_directory("/run/systemd/system");
    services.put("chrony.service", {"enabled", true});
    chrony(files);
    services.daemon_reload();
    services.clear_log();
  }

  bool has_done(const std::string& what) const {
    return std::find(services.log().begin(), services.log().end(), what) != services.log().end();
  }
  Outcome run_restore(const plan::RollbackState& state) {
    auto ports = machine();
    const auto back =
        plan::plan_restore(state, {files, services, packages}, plan::Edits::keep).plan;
    return apply_plan(back, ports, says_yes, [](const std::string&) {});
  }
};

using Mask = std::function<void(test::FakeFiles&)>;

const std::vector<std::pair<const char*, Mask>> masks{
    {"in /etc", [](auto& files) { files.put_link(etc + "chrony.service", "/dev/null"); }},
    {"until the next boot",
     [](auto& files) { files.put_link(run + "chrony.service", "/dev/null"); }},
    {"in both",
     [](auto& files) {
       files.put_link(etc + "chrony.service", "/dev/null");
       files.put_link(run + "chrony.service", "/dev/null");
     }},
    {"by an empty file", [](auto& files) { files.put(etc + "chrony.service", "", 0640); }},
    {"by an empty file until the next boot",
     [](auto& files) { files.put(run + "chrony.service", ""); }}};

}  // namespace

TEST_CASE("what is masked is provisioned, and masked again in the same place by the rollback") {
  for (const auto& [name, mask] : masks) {
    CAPTURE(name);
    MaskedHost host{mask};
    const auto before = snapshot(host);
    CHECK(host.apply(says_no).kind == OutcomeKind::restored);
    CHECK(snapshot(host) == before);
    REQUIRE(host.apply().kind == OutcomeKind::committed);
    const auto units = host.services.units();
    CHECK_FALSE(units.at("chrony.service").masked);
    CHECK(units.at("chrony.service").active);
    CHECK_FALSE(units.at("timectl-rtc.service").masked);
    CHECK(units.at("fake-hwclock.service").masked);
    CHECK(host.plan().empty());
    REQUIRE(host.run_restore(load_rollback_state(host.files, "")).kind == OutcomeKind::committed);
    CHECK(snapshot(host) == before);
    REQUIRE(host.apply().kind == OutcomeKind::committed);
    REQUIRE(host.run_restore(load_original_state(host.files)).kind == OutcomeKind::committed);
    CHECK(snapshot(host) == before);
  }
}

TEST_CASE("what was masked since is provisioned again, and unmasked by the rollback") {
  for (const auto& [name, mask] : masks) {
    CAPTURE(name);
    for (const bool provisions_again : {true, false}) {
      MaskedHost host{[](auto&) {}};
      host.files.erase(etc + "timectl-rtc.service");
      host.services.daemon_reload();
      const auto before = snapshot(host);
      host.apply();
      mask(host.files);
      host.files.put_link(etc + "timectl-rtc.service", "/dev/null");
      host.services.daemon_reload();
      const bool is_file = std::string{name}.starts_with("by an empty file");
      // Such a file is the user's, found by the second provision, and is restored with that.
      if (provisions_again && is_file) continue;
      if (provisions_again) {
        REQUIRE(host.apply().kind == OutcomeKind::committed);
        CHECK_FALSE(host.services.units().at("chrony.service").masked);
        CHECK(host.services.units().at("timectl-rtc.service").enablement == "enabled");
        CHECK(host.plan().empty());
      }
      REQUIRE(host.run_restore(load_original_state(host.files)).kind == OutcomeKind::committed);
      CHECK(snapshot(host) == before);
    }
  }
}

TEST_CASE("whichever single write fails on a host with masked units, all is as it was before") {
  const auto& mask = masks.at(2).second;
  const auto before = snapshot(MaskedHost{mask});
  constexpr int too_many = 10'000;
  int n = 1;
  for (; n < too_many; ++n) {
    MaskedHost host{mask};
    host.files.fail_on_write(n);
    auto kind = OutcomeKind::restored;
    try {
      kind = host.apply().kind;
    } catch (const Error&) {
      CAPTURE("before the first change");
    }
    if (kind == OutcomeKind::committed) break;
    CAPTURE(n);
    CHECK(kind == OutcomeKind::restored);
    CHECK(snapshot(host) == before);
  }
  CHECK(n > 40);
  CHECK(n < too_many);
}

TEST_CASE("a machine with masked units that dies at any write is the old or the new one") {
  const auto& mask = masks.at(1).second;
  const auto before = without_times(snapshot(MaskedHost{mask}));
  MaskedHost whole{mask};
  whole.apply();
  const auto after = without_times(snapshot(whole));
  constexpr int too_many = 10'000;
  for (int n = 1; n < too_many; n += 2) {
    MaskedHost host{mask};
    host.files.fail_on_write(n, true);
    try {
      host.apply();
    } catch (const Error&) {
      CAPTURE("before the first change");
    }
    const bool finished = host.files.writes() < n;
    host.mend();
    CAPTURE(n);
    CHECK(host.recover().kind != OutcomeKind::incomplete);
    const bool is_new = LastWritten{host.files}.generation() != "";
    CHECK(without_times(snapshot(host)) == (is_new ? after : before));
    if (finished) break;
  }
}

TEST_CASE(
    "a daemon that ran although it was masked reads its old files before it is masked again") {
  MaskedHost host{masks.at(0).second};
  const auto before = snapshot(host);
  const auto outcome = host.apply(says_no);
  CHECK(outcome.problems.empty());
  CHECK(outcome.kind == OutcomeKind::restored);
  CHECK(std::count(host.services.log().begin(), host.services.log().end(),
                   "restart chrony.service") == 2);
  host.apply();
  host.services.clear_log();
  CHECK(host.run_restore(load_original_state(host.files)).kind == OutcomeKind::committed);
  CHECK(host.has_done("try-restart chrony.service"));
  CHECK(snapshot(host) == before);
}

TEST_CASE("a masked daemon that was stopped since is started before it is masked again") {
  MaskedHost host{masks.at(1).second};
  const auto before = snapshot(host);
  host.apply();
  host.services.stop("chrony.service");
  host.files.put_link(run + "chrony.service", "/dev/null");
  host.services.daemon_reload();
  CHECK(host.run_restore(load_original_state(host.files)).kind == OutcomeKind::committed);
  CHECK(snapshot(host) == before);
}

TEST_CASE("a unit that failed under a mask is not left in systemd's memory by the rollback") {
  // systemd.timer: "Unit to trigger vanished", result "resources"
  MaskedHost host{masks.at(0).second};
  host.apply();
  host.files.put_link(etc + "timectl-rtc.service", "/dev/null");
  host.services.daemon_reload();
  host.services.fail("timectl-rtc.service");
  CHECK(host.run_restore(load_original_state(host.files)).kind == OutcomeKind::committed);
  CHECK_FALSE(host.services.has_failed("timectl-rtc.service"));
}

TEST_CASE("what is enabled together with a masked unit gets its links back too") {
  MaskedHost host{masks.at(0).second};
  const auto companion = etc + "multi-user.target.wants/chrony-wait.service";
  host.files.put_link(companion, lib + "chrony-wait.service");
  const auto before = snapshot(host);
  host.apply([&] {
    host.files.erase(companion);
    return says_no();
  });
  CHECK(snapshot(host) == before);
}

TEST_CASE("what is enabled until the next boot is so again") {
  Host host;
  host.files.put_link(run + "multi-user.target.wants/chrony.service", lib + "chrony.service");
  const auto before = snapshot(host);
  host.apply([&] {
    host.files.erase(run + "multi-user.target.wants/chrony.service");
    host.files.erase(run + "multi-user.target.wants");
    host.files.put_link(run + "other.target.wants/chrony.service", lib + "chrony.service");
    return says_no();
  });
  CHECK(snapshot(host) == before);
}

TEST_CASE(
    "a unit file that cannot be read keeps no change and no rollback from being carried out") {
  Host host;
  host.files.put_other(lib + "chrony.service");
  const auto before = snapshot(host);
  CHECK(host.apply(says_no).kind == OutcomeKind::restored);
  CHECK(snapshot(host) == before);
}

TEST_CASE("a masked recovery unit stays masked, and the change says what that means") {
  Host host;
  host.files.put_link(etc + "timectl-recover.service", "/dev/null");
  const auto outcome = host.apply();
  CHECK(outcome.kind == OutcomeKind::committed);
  CHECK(outcome.notes ==
        std::vector<std::string>{"timectl-recover.service is masked: an interrupted change is "
                                 "rolled back by the next timectl command, not at boot"});
  CHECK(host.files.at(etc + "timectl-recover.service") == "/dev/null");
}
