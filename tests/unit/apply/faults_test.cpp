// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply_fixture.hpp"
#include "support/catch.hpp"

using namespace timectl;
using namespace timectl::apply;
using test::Host;
using test::snapshot;
using test::Snapshot;

namespace {

constexpr int too_many = 10'000;

Snapshot planned() {
  Host host;
  host.apply();
  return snapshot(host);
}

/// What became of a provision, an exception before the first change included.
OutcomeKind try_apply(Host& host) {
  try {
    return host.apply().kind;
  } catch (const Error&) {
    return OutcomeKind::restored;
  }
}

/// A machine dies at the n-th write: no later call has any effect.
void kill_at_write(Host& host, int n) { host.files.fail_on_write(n, true); }

}  // namespace

TEST_CASE("whichever single write fails, everything is as it was before") {
  const auto before = snapshot(Host{});
  int n = 1;
  for (; n < too_many; ++n) {
    Host host;
    host.files.fail_on_write(n);
    const auto outcome = try_apply(host);
    if (outcome == OutcomeKind::committed) break;
    CAPTURE(n);
    CHECK(outcome == OutcomeKind::restored);
    CHECK(snapshot(host) == before);
    CHECK_FALSE(find_interrupted(host.files));
  }
  // Far more than the files of the plan: journal, stages, swaps and directories each count.
  CHECK(n > 40);
  CHECK(n < too_many);
}

TEST_CASE("whichever call to a daemon fails, everything is as it was before") {
  const auto before = snapshot(Host{});
  const auto fails_each = [&](auto&& fuse_of) {
    for (int n = 1; n < too_many; ++n) {
      Host host;
      fuse_of(host).fail_on(n);
      const auto outcome = try_apply(host);
      if (outcome == OutcomeKind::committed) return n;
      CAPTURE(n);
      CHECK(outcome == OutcomeKind::restored);
      CHECK(snapshot(host) == before);
    }
    return too_many;
  };
  CHECK(fails_each([](Host& host) -> test::Fuse& { return host.services.fuse; }) > 5);
  CHECK(fails_each([](Host& host) -> test::Fuse& { return host.host.fuse; }) > 2);
}

TEST_CASE(
    "a disk that stays full is told with the place of the old content, and recover heals it") {
  const auto before = snapshot(Host{});
  bool named = false;
  for (int n = 1; n < too_many; ++n) {
    Host host;
    host.files.fail_on_write(n, true);
    apply::Outcome outcome;
    try {
      outcome = host.apply();
    } catch (const Error&) {
      outcome.kind = OutcomeKind::restored;  // it failed before the first change
    }
    if (outcome.kind == OutcomeKind::committed) break;
    CAPTURE(n);
    if (outcome.kind == OutcomeKind::incomplete) CHECK_FALSE(outcome.problems.empty());
    for (const auto& problem : outcome.problems) {
      named = named || problem.find("/var/lib/timectl/generations/") != std::string::npos;
    }
    host.mend();
    const auto recovered = host.recover();
    CHECK(recovered.kind != OutcomeKind::incomplete);
    CHECK(snapshot(host) == before);
    CHECK_FALSE(find_interrupted(host.files));
  }
  CHECK(named);
}

TEST_CASE("a machine that dies at any write is the old or the new one after recover") {
  const auto before = without_times(snapshot(Host{}));
  const auto after = without_times(planned());
  int old_ones = 0, new_ones = 0;
  for (int n = 1; n < too_many; ++n) {
    Host host;
    kill_at_write(host, n);
    try_apply(host);
    const bool finished = host.files.writes() < n;
    host.mend();
    CAPTURE(n);
    CHECK(LastWritten{host.files}.interrupted().has_value() ==
          find_interrupted(host.files).has_value());
    CHECK(host.recover().kind != OutcomeKind::incomplete);
    const auto now = without_times(snapshot(host));
    const bool is_new = LastWritten{host.files}.generation() != "";
    CHECK(now == (is_new ? after : before));
    CHECK_FALSE(find_interrupted(host.files));
    ++(is_new ? new_ones : old_ones);
    if (finished) break;
  }
  CHECK(old_ones > 40);
  CHECK(new_ones > 1);
}

TEST_CASE("a recovery that dies at any write can be run again") {
  const auto before = snapshot(Host{});
  for (int died = 20; died < 60; died += 7) {
    for (int n = 1; n < too_many; ++n) {
      Host host;
      kill_at_write(host, died);
      try_apply(host);
      host.mend();
      const auto writes = host.files.writes();
      host.files.fail_on_write(n, true);
      try {
        host.recover();
      } catch (const Error&) {
        // Nothing was open, and what was left over could not be cleared away.
      }
      const bool finished = host.files.writes() < writes + n;
      host.mend();
      CAPTURE(died, n);
      CHECK(host.recover().kind != OutcomeKind::incomplete);
      CHECK(snapshot(host) == before);
      if (finished) break;
    }
  }
}

TEST_CASE("after any death the machine can be provisioned again") {
  const auto after = without_times(planned());
  for (int n = 1; n < too_many; n += 3) {
    Host host;
    kill_at_write(host, n);
    try_apply(host);
    const bool finished = host.files.writes() < n;
    host.mend();
    host.recover();
    CAPTURE(n);
    CHECK(host.apply().kind == OutcomeKind::committed);
    CHECK(without_times(snapshot(host)) == after);
    if (finished) break;
  }
}

TEST_CASE("an offline root survives every failing write as well") {
  Host untouched;
  untouched.services.stop_running();
  const auto before = snapshot(untouched);
  for (int n = 1; n < too_many; ++n) {
    Host host;
    host.services.stop_running();
    host.files.fail_on_write(n);
    if (try_apply(host) == OutcomeKind::committed) break;
    CAPTURE(n);
    CHECK(snapshot(host) == before);
  }
}
