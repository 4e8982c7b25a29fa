// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "quality/host.hpp"

#include "support/catch.hpp"

#include <cmath>

using namespace timectl;
using namespace timectl::quality;
using namespace std::chrono_literals;

namespace {

constexpr Seconds host_limit{5};

HostView synchronized_host() {
  HostView host;
  host.follows_sources = true;
  host.bound = Seconds{0.012};
  host.source = "203.0.113.7 (stratum 3)";
  return host;
}

HostView host_on_its_rtc() {
  HostView host;
  host.runs_on_rtc = true;
  host.rtc_bound = rtc_bound(Seconds{0.5}, 24h);
  host.rtc_reason = "it is validated";
  return host;
}

}  // namespace

TEST_CASE("a host that follows live sources is traceable, with chronyd's own bound") {
  const auto judgement = judge_host(synchronized_host(), host_limit);
  CHECK(judgement.state == State::traceable);
  CHECK(judgement.bound == Seconds{0.012});
}

TEST_CASE("evidence against the clock outweighs the source that is followed") {
  auto host = synchronized_host();
  host.wrong = "the clock is before timectl was built";
  const auto judgement = judge_host(host, host_limit);
  CHECK(judgement.state == State::wrong);
  CHECK(std::isinf(judgement.bound.count()));
  CHECK_FALSE(errors_of_host(judgement, std::nullopt, {}).to_utc);
}

TEST_CASE("a bound over the limit, or one that is no number, is no time to go by") {
  auto host = synchronized_host();
  host.bound = Seconds{6};
  CHECK(judge_host(host, host_limit).state == State::unsynchronized);
  host.bound = Seconds{std::nan("")};
  CHECK(judge_host(host, host_limit).state == State::unsynchronized);
}

TEST_CASE(
    "after its sources are lost a host holds over, and the bound grows until the RTC is better") {
  auto host = host_on_its_rtc();
  host.since_sync = 40min;
  const auto early = judge_host(host, host_limit);
  CHECK(early.state == State::holdover);
  CHECK(early.bound.count() == Approx(0.01 + 15e-6 * 2400));
  host.since_sync = 96h;  // 5.2 s by then
  CHECK(judge_host(host, host_limit).state == State::rtc_only);
  host.runs_on_rtc = false;
  CHECK(judge_host(host, host_limit).state == State::unsynchronized);
}

TEST_CASE("a host holds over from what its chronyd was sure of, not from better than that") {
  HostView host;
  host.since_sync = 20s;
  host.bound = Seconds{3};
  CHECK(judge_host(host, host_limit).bound.count() == Approx(3 + 15e-6 * 20));
  host.bound = Seconds{6};
  CHECK(judge_host(host, host_limit).state == State::unsynchronized);
  host.bound = Seconds{std::nan("")};
  CHECK(judge_host(host, host_limit).state == State::unsynchronized);
}

TEST_CASE("an RTC's bound is its second, its distance to the clock, and its wander since") {
  CHECK(rtc_bound(Seconds{-0.5}, 10 * 24h).count() == Approx(1.5 + 5e-6 * 864000));
  CHECK(rtc_bound(Seconds{}, Seconds{-5}).count() == Approx(1));
  const auto judgement = judge_host(host_on_its_rtc(), host_limit);
  CHECK(judgement.state == State::rtc_only);
  CHECK(judge_host({}, host_limit).reason == "it follows no source, and has no RTC");
}

TEST_CASE("the error to UTC and the error to the island are two numbers") {
  ServerView server;
  server.answered = true;
  server.synchronized = true;
  server.offset = Seconds{-0.002};
  const Seconds reading{0.0005};
  const auto traceable = errors_of_client({State::traceable, Seconds{0.02}, ""}, server, reading);
  CHECK(traceable.to_utc == Seconds{0.02});
  REQUIRE(traceable.to_island);
  CHECK(traceable.to_island->count() == Approx(0.0025));
  // An island's clients are as near to each other as ever, but their distance from UTC is not
  // known.
  const auto island = errors_of_client({State::island, Seconds{0.02}, ""}, server, reading);
  CHECK_FALSE(island.to_utc);
  CHECK(island.to_island);
  CHECK_FALSE(errors_of_client({State::holdover, Seconds{0.1}, ""}, {}, {}).to_island);
}

TEST_CASE("the only server of a site is its island, one of two is as far as the other shows it") {
  const Judgement judgement{State::rtc_only, Seconds{1.5}, ""};
  CHECK(errors_of_host(judgement, std::nullopt, {}).to_island == Seconds{});
  CHECK(errors_of_host(judgement, std::nullopt, {}).to_utc == Seconds{1.5});
  CHECK_FALSE(errors_of_host(judgement, ServerView{}, {}).to_island);
}
