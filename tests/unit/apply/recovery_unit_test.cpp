// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply_fixture.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"

using namespace timectl;
using namespace timectl::apply;
using test::error_of;
using test::Host;
using test::snapshot;

namespace {

const std::string unit = "/etc/systemd/system/timectl-recover.service";
const std::string hook = "/etc/systemd/system/sysinit.target.d/timectl-recover.conf";

bool is_there(const Host& host, const std::string& path) {
  return host.files.status(system::RootedPath{path}).has_value();
}

bool boot_would_recover(const Host& host) {
  const auto file = host.files.read(system::RootedPath{unit});
  const auto wants = host.files.read(system::RootedPath{hook});
  return file && wants && file->content.find(host.recovery_unit) != std::string::npos &&
         wants->content.find("\nWants=timectl-recover.service\n") != std::string::npos;
}

/// From here on nothing can be changed any more: the plug is out.
void cut_power(Host& host) {
  host.files.fail_on_write(1, true);
  host.services.fuse.fail_on(1, true);
  host.host.fuse.fail_on(1, true);
}

}  // namespace

TEST_CASE("before the first change of a first provision the next boot would undo it") {
  int changed = 0;
  for (int n = 1; n < 400; ++n) {
    Host host;
    host.files.fail_on_write(n, true);
    try {
      const auto outcome = host.apply();
      if (outcome.kind == OutcomeKind::committed) break;
    } catch (const Error&) {
      // Nothing was changed yet.
    }
    host.mend();
    CAPTURE(n);
    if (boot_would_recover(host)) {
      ++changed;
    } else {
      CHECK_FALSE(is_there(host, "/etc/new"));
      CHECK(host.files.read(system::RootedPath{"/etc/hostname"})->content == "old\n");
    }
  }
  CHECK(changed > 30);
}

TEST_CASE("the unit is gone when the change is committed, and when it was undone") {
  Host host;
  const auto before = snapshot(host);
  bool was_there = false;
  host.apply([&] {
    was_there = boot_would_recover(host);
    return std::vector<std::string>{"not healthy"};
  });
  CHECK(was_there);
  CHECK(snapshot(host) == before);
  CHECK(host.apply().kind == OutcomeKind::committed);
  CHECK_FALSE(is_there(host, unit));
  CHECK_FALSE(is_there(host, hook));
  CHECK_FALSE(is_there(host, "/etc/systemd/system/sysinit.target.d"));
}

TEST_CASE("one who died between the commit and taking the unit away leaves that to recover") {
  for (int n = 1; n < 400; ++n) {
    Host cut;
    cut.files.fail_on_write(n, true);
    try {
      cut.apply();
    } catch (const Error&) {
      continue;
    }
    const bool was_last = !cut.files.has_failed();
    cut.mend();
    cut.recover();
    CAPTURE(n);
    CHECK_FALSE(is_there(cut, unit));
    CHECK_FALSE(is_there(cut, hook));
    CHECK_FALSE(is_there(cut, "/etc/systemd/system/sysinit.target.d"));
    if (was_last) break;
  }
}

TEST_CASE("a write that fails once after the change is decided leaves no unit behind") {
  for (const bool is_healthy : {true, false}) {
    int decided = 0;
    for (int n = 1; n < 400; ++n) {
      Host host;
      Outcome outcome;
      // From the last check of the daemons on, whichever way the change ends.
      try {
        outcome = host.apply([&] {
          host.files.fail_on_write(n);
          return is_healthy ? std::vector<std::string>{} : std::vector<std::string>{"not healthy"};
        });
      } catch (const Error&) {
        continue;
      }
      if (outcome.kind == OutcomeKind::incomplete) continue;
      CAPTURE(is_healthy, n);
      CHECK_FALSE(is_there(host, unit));
      CHECK_FALSE(is_there(host, hook));
      CHECK_FALSE(is_there(host, "/etc/systemd/system/sysinit.target.d"));
      ++decided;
      if (!host.files.has_failed()) break;
    }
    CHECK(decided > 10);
  }
}

TEST_CASE("a recovery that is not whole stays planned, and takes the unit away when it is") {
  Host host;
  const auto before = snapshot(host);
  host.apply([&] {
    cut_power(host);
    return std::vector<std::string>{"power cut"};
  });
  host.mend();
  const auto blob = [&] {
    for (const auto& [path, node] : host.files.snapshot()) {
      if (path.ends_with("-hosts")) return path;
    }
    return std::string{};
  }();
  REQUIRE_FALSE(blob.empty());
  host.files.forbid_reading(blob);
  CHECK(host.recover().kind == OutcomeKind::incomplete);
  CHECK(boot_would_recover(host));
  host.files.allow_reading();
  CHECK(host.recover().kind == OutcomeKind::restored);
  CHECK(snapshot(host) == before);
}

TEST_CASE("a unit of that name that timectl did not make is left alone") {
  Host host;
  host.files.put(unit, "[Service]\nExecStart=/bin/true\n");
  CHECK(host.apply().kind == OutcomeKind::committed);
  CHECK(host.files.read(system::RootedPath{unit})->content == "[Service]\nExecStart=/bin/true\n");
  CHECK_FALSE(is_there(host, hook));
}

TEST_CASE("where the unit cannot be written nothing is begun") {
  for (int write = 1;; ++write) {
    Host host;
    const auto before = snapshot(host);
    host.files.fail_on_write(write);
    const auto error = error_of([&] { host.apply(); });
    REQUIRE(error);
    CHECK(snapshot(host) == before);
    CHECK_FALSE(find_interrupted(host.files));
    if (test::mentions(error, "timectl-recover")) break;
  }
}

TEST_CASE("what stands in the unit's or its drop-in's place is left alone, a mask for example") {
  for (const auto& path : {unit, hook}) {
    Host host;
    host.files.put_link(path, "/dev/null");
    CHECK(host.apply().kind == OutcomeKind::committed);
    CHECK(host.files.read_link(system::RootedPath{path}) == "/dev/null");
  }
}
