// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "quality/quality.hpp"

#include "support/catch.hpp"

#include <array>
#include <cmath>
#include <random>
#include <vector>

using namespace timectl;
using namespace timectl::quality;
using namespace std::chrono_literals;

namespace {

constexpr int local_stratum = 10;
constexpr Seconds limit{5};

ServerView silent() { return {}; }
ServerView synchronized_server() { return {true, true, 2, "C0A80403", Seconds{0.001}, 20ms}; }
ServerView island_server() { return {true, true, 10, "7F7F0101", Seconds{0.001}, 5ms}; }
ServerView unsynchronized_server() { return {true, false, 0, "00000000", {}, {}}; }

FollowerView follower(Seconds age, Seconds poll = 64s) {
  FollowerView view;
  view.follows_site_server = true;
  view.last_reply_age = age;
  view.poll_interval = poll;
  return view;
}

FollowerView that_knows(FollowerView view, const std::string& reference, int stratum,
                        Seconds bound) {
  view.reference_id = reference;
  view.stratum = stratum;
  view.bound = bound;
  return view;
}

FollowerView fallback(Seconds age, const std::string& reference = "D41C7205") {
  auto view = that_knows(follower(age), reference, 2, 50ms);
  view.follows_site_server = false;
  view.follows_fallback = true;
  return view;
}

FollowerView no_source() { return {}; }

ServerView with_offset(ServerView server, Seconds offset) {
  server.offset = offset;
  server.bound += Seconds{std::abs(offset.count())};
  return server;
}

}  // namespace

TEST_CASE("a server that lost its source an hour ago was traceable: it is holdover at best") {
  auto server = synchronized_server();
  server.reference_age = 59min;
  CHECK(judge_client(server, follower(10s), 10, limit).state == State::traceable);
  for (const Seconds age : {Seconds{61min}, Seconds{-5}, Seconds::max()}) {
    server.reference_age = age;
    CHECK(judge_client(server, follower(10s), 10, limit).state == State::holdover);
  }
}

TEST_CASE("a local clock is known by its reference id or its stratum") {
  CHECK(is_local_reference("7F7F0101", 1, 10));   // chrony's local
  CHECK(is_local_reference("7f7f0101", 1, 10));   // however it is written
  CHECK(is_local_reference("7F7F0100", 3, 10));   // ntpd's 127.127.1.0
  CHECK(is_local_reference("4C4F434C", 6, 10));   // LOCL
  CHECK(is_local_reference("C0A80402", 10, 10));  // stratum of the island
  CHECK(is_local_reference("C0A80402", 11, 10));  // an orphan behind it
  CHECK_FALSE(is_local_reference("C0A80402", 9, 10));
  CHECK_FALSE(is_local_reference("47505300", 1, 10));  // GPS
  CHECK_FALSE(is_local_reference("7F000001", 3, 10));  // 127.0.0.1: a server on the same host
}

TEST_CASE("the state of a client follows from where its time comes from") {
  struct Row {
    const char* what;
    ServerView server;
    FollowerView follower;
    State state;
    const char* reason;
  };
  const auto far = with_offset(synchronized_server(), 100s);
  auto vague = synchronized_server();
  vague.bound = Seconds{6};
  auto no_number = synchronized_server();
  no_number.bound = Seconds{std::nan("")};
  const std::vector<Row> rows{
      {"all is well", synchronized_server(), follower(30s), State::traceable,
       "follows the site's server, which is synchronized (stratum 2)"},
      {"the server runs on its RTC", island_server(), follower(30s), State::island,
       "follows the site's server, which runs on its own clock (stratum 10)"},
      {"the server's island mode was never enabled", unsynchronized_server(), follower(30s),
       State::unsynchronized, "the site's server answers, but is not synchronized"},
      {"the server answers us, timesyncd got nothing since an hour", synchronized_server(),
       follower(3600s), State::unsynchronized,
       "the site's server answers, but is not followed: the last reply is 60 min old"},
      {"timesyncd never had a reply", synchronized_server(), no_source(), State::unsynchronized,
       "the site's server answers, but is not followed: this host never had a reply"},
      {"the server is dead, and what it was is not known", silent(), follower(90s),
       State::unsynchronized, "the site's server was heard 90 s ago and is silent now"},
      {"the server died two minutes ago, it was synchronized", silent(),
       that_knows(follower(120s), "C0A80403", 3, 20ms), State::holdover,
       "the site's server was heard 2 min ago and is silent now"},
      {"the server died two minutes ago, it was an island", silent(),
       that_knows(follower(120s), "7F7F0101", 10, 5ms), State::island,
       "the site's server, on its own clock, was heard 2 min ago and is silent now"},
      {"the server died ten hours ago, NTPSynchronized still says yes", silent(),
       that_knows(follower(36000s), "C0A80403", 3, 20ms), State::unsynchronized,
       "the site's server does not answer: the last reply is 10 h old"},
      {"the clock is off by more than the limit", far, follower(30s), State::unsynchronized,
       "the error bound is 100 s, more than the limit of 5 s"},
      {"microseconds of offset beside a huge dispersion", vague, follower(30s),
       State::unsynchronized, "the error bound is 6 s, more than the limit of 5 s"},
      {"a bound that is no number", no_number, follower(30s), State::unsynchronized,
       "the error bound is unknown, more than the limit of 5 s"},
      {"the internet helps out", silent(), fallback(60s), State::traceable,
       "follows a fallback: the site's server does not answer"},
      {"the internet helps out while the server starts", unsynchronized_server(), fallback(60s),
       State::traceable, "follows a fallback: the site's server is not synchronized"},
      {"timesyncd stuck to the fallback", synchronized_server(), fallback(60s), State::traceable,
       "follows a fallback: the site's server answers"},
      {"a fallback that nothing is known of", silent(), fallback(60s, ""), State::island,
       "follows a fallback whose own source is not known: the site's server does not answer"},
      {"a fallback on its own clock", silent(), fallback(60s, "7F7F0101"), State::island,
       "follows a fallback whose own source is a local clock: the site's server does not answer"},
      {"the fallback is gone too", silent(), fallback(3600s), State::unsynchronized,
       "the site's server does not answer: the last reply is 60 min old"},
      {"the server serves 1986", with_offset(island_server(), Seconds{-1.26e9}), fallback(60s),
       State::wrong, "the site's server and the fallback disagree by 1.46e+04 d"},
      {"a second between server and fallback", with_offset(synchronized_server(), 1s),
       fallback(60s), State::wrong, "the site's server and the fallback disagree by 1 s"},
  };
  for (const auto& row : rows) {
    INFO(row.what);
    const auto judged = judge_client(row.server, row.follower, local_stratum, limit);
    CHECK(to_string(judged.state) == to_string(row.state));
    CHECK(judged.reason == row.reason);
  }
}

TEST_CASE("a reply is too old after three polls, but never before two minutes") {
  CHECK(longest_silence(16s) == Seconds{120});
  CHECK(longest_silence(2048s) == Seconds{6144});
  CHECK(judge_client(island_server(), follower(119s, 16s), 10, limit).state == State::island);
  CHECK(judge_client(island_server(), follower(121s, 16s), 10, limit).state ==
        State::unsynchronized);
  CHECK(judge_client(island_server(), follower(6000s, 2048s), 10, limit).state == State::island);
}

TEST_CASE("the bound of a lost server grows by the wander of the clock") {
  const auto late = that_knows(follower(4000s, 2048s), "C0A80403", 3, 20ms);
  const auto judged = judge_client(silent(), late, local_stratum, limit);
  CHECK(judged.state == State::holdover);
  CHECK(judged.bound.count() == Approx(0.020 + 4000 * 15e-6));
  CHECK(judge_client(silent(), late, local_stratum, Seconds{0.05}).state == State::unsynchronized);
}

TEST_CASE("whatever the views, the state never claims more than they show") {
  std::mt19937_64 random{20261120};  // fixed, so that a failure can be repeated
  const auto chance = [&] { return random() % 2 == 0; };
  const std::array<const char*, 5> references{"7F7F0101", "4C4F434C", "C0A80403", "47505300", ""};
  const auto reference = [&] { return references[random() % references.size()]; };
  const auto span = [&](double most) {
    return Seconds{most * static_cast<double>(random() % 1000) / 1000};
  };
  for (int i = 0; i < 50000; ++i) {
    ServerView server{chance(),    chance(), static_cast<int>(random() % 17),
                      reference(), {},       span(8)};
    server.offset = span(6) - Seconds{3};
    FollowerView view;
    view.follows_site_server = chance();
    view.follows_fallback = !view.follows_site_server && chance();
    if (chance()) view.last_reply_age = span(10000);
    view.poll_interval = span(2048);
    view.reference_id = reference();
    view.stratum = static_cast<int>(random() % 17);
    if (chance()) view.bound = span(8);
    const auto judged = judge_client(server, view, local_stratum, limit);
    const bool better_than_island =
        judged.state == State::traceable || judged.state == State::holdover;
    const bool in_order = better_than_island || judged.state == State::island;

    REQUIRE_FALSE(judged.reason.empty());
    REQUIRE((std::isfinite(judged.bound.count()) || !in_order));
    if (view.follows_site_server && server.answered && server.synchronized &&
        is_local_reference(server.reference_id, server.stratum, local_stratum)) {
      REQUIRE_FALSE(better_than_island);
    }
    if (view.follows_fallback &&
        (view.reference_id.empty() ||
         is_local_reference(view.reference_id, view.stratum, local_stratum))) {
      REQUIRE_FALSE(better_than_island);
    }
    const bool stale =
        !view.last_reply_age || *view.last_reply_age > longest_silence(view.poll_interval);
    if (stale || (!view.follows_site_server && !view.follows_fallback)) REQUIRE_FALSE(in_order);
    if (judged.state == State::holdover) REQUIRE_FALSE(server.answered);
    if (judged.state == State::holdover) REQUIRE(judged.bound <= limit);
    if (judged.state == State::wrong) REQUIRE(view.follows_fallback);
  }
}

TEST_CASE("a client that never had a reply showed the limit as its bound") {
  CHECK(std::isinf(judge_client(silent(), no_source(), local_stratum, limit).bound.count()));
  CHECK(std::isinf(
      judge_client(unsynchronized_server(), no_source(), local_stratum, limit).bound.count()));
  const auto measured = with_offset(synchronized_server(), 100s);
  CHECK(judge_client(measured, no_source(), local_stratum, limit).bound == measured.bound);
}
