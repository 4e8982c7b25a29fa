// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/wait_for_health.hpp"

#include "support/catch.hpp"
#include "support/fake_clock.hpp"

using namespace timectl;
using namespace timectl::apply;
using namespace std::chrono_literals;

namespace {

/// What wait_for_health() returned, and how long it took.
struct Settled {
  std::vector<Reason> reasons;
  std::chrono::nanoseconds took;
};

/// `reasons_after` is asked with the time since the change.
Settled settle_with(
    const std::function<std::vector<Reason>(std::chrono::nanoseconds)>& reasons_after) {
  const test::FakeClock clock;
  const auto start = clock.since_boot();
  auto reasons = wait_for_health([&] { return reasons_after(clock.since_boot() - start); }, clock);
  return {std::move(reasons), clock.since_boot() - start};
}

const Reason address{"network.address: eth0 does not have 192.168.4.2/24", 30s, "journalctl"};
const Reason port{"ntp.port: no process holds UDP port 123"};

}  // namespace

TEST_CASE("a change that is in order at once waits for nothing") {
  const auto settled = settle_with([](auto) { return std::vector<Reason>{}; });
  CHECK(settled.reasons.empty());
  CHECK(settled.took == 0s);
}

TEST_CASE("an address that comes after twenty seconds is waited for") {
  const auto settled = settle_with([](auto since) {
    return since < 20s ? std::vector<Reason>{address} : std::vector<Reason>{};
  });
  CHECK(settled.reasons.empty());
  CHECK(settled.took == 20s);
}

TEST_CASE("an address that does not come is a reason to undo after half a minute") {
  const auto settled = settle_with([](auto) { return std::vector<Reason>{address}; });
  REQUIRE(settled.reasons.size() == 1);
  CHECK(settled.reasons[0].hint == "journalctl");
  CHECK(settled.took == 30s);
}

TEST_CASE("patience with the network is not patience with a daemon") {
  const auto settled = settle_with([](auto) { return std::vector<Reason>{address, port}; });
  CHECK(settled.reasons.size() == 2);
  CHECK(settled.took == 10s);
}
