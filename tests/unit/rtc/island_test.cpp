// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rtc/island.hpp"

#include "rtc_scenario.hpp"
#include "support/catch.hpp"
#include "support/fake_files.hpp"

using namespace timectl;
using namespace timectl::rtc;
using namespace timectl::test;
using namespace std::chrono_literals;
using Action = ClockSetting::Action;

namespace {

SystemClockView clock_at(std::string_view now, std::chrono::nanoseconds since_boot = 60s) {
  return {at(now), since_boot};
}

Assessment judged(const system::RtcReading& reading,
                  const std::optional<Record>& record = validated()) {
  return assess(ds3231(), reading, record, built);
}

system::ChronyTracking following_a_pool(WallTime now) {
  system::ChronyTracking tracking;
  tracking.reference_id = "C0248F82";
  tracking.stratum = 3;
  tracking.leap = "Normal";
  tracking.reference_time = now - 5min;
  tracking.root_dispersion = Seconds{0.01};
  return tracking;
}

}  // namespace

TEST_CASE("real synchronization is neither local, nor an orphan's, nor hours old, nor loose") {
  const auto now = at("2026-12-24T18:00:00Z");
  const auto good = following_a_pool(now);
  CHECK(is_really_synchronized(good, 10, now, {}));
  auto leap_second = good;
  leap_second.leap = "Insert second";
  CHECK(is_really_synchronized(leap_second, 10, now, {}));

  auto local = good;
  local.reference_id = "7F7F0101";
  auto orphan_peer = good;
  orphan_peer.stratum = 11;
  auto alarmed = good;
  alarmed.leap = "Not synchronised";
  auto stale = good;
  stale.reference_time = now - 2h;
  auto loose = good;
  loose.root_dispersion = Seconds{1.3e9};
  auto nothing = system::ChronyTracking{};
  for (const auto& tracking : {local, orphan_peer, alarmed, stale, loose, nothing}) {
    CHECK_FALSE(is_really_synchronized(tracking, 10, now, {}));
  }
}

TEST_CASE("two servers of a site kept each other synchronized without the internet") {
  const auto now = at("2026-12-24T18:00:00Z");
  auto peer = following_a_pool(now);
  peer.source = "192.168.4.3";
  CHECK(is_really_synchronized(peer, 10, now, {"192.168.4.2"}));
  CHECK_FALSE(is_really_synchronized(peer, 10, now, {"192.168.4.2", "192.168.4.3"}));
}

TEST_CASE("island mode is enabled by a trusted RTC that the system clock runs on") {
  const auto clock = clock_at("2026-12-24T18:00:00Z");
  CHECK(may_enable_island(judged(reading("2026-12-24T18:00:00Z")), std::nullopt, clock).yes);
}

TEST_CASE("island mode is not enabled by an RTC that lost power, was never set, or is absent") {
  const auto clock = clock_at("2026-12-24T18:00:00Z");
  const auto stopped = judged(failed(system::RtcHealth::oscillator_stopped));
  const auto never_set = judged(reading("2026-12-24T18:00:00Z"), std::nullopt);
  const auto absent = assess(std::nullopt, {}, validated(), built);
  for (const auto& assessment : {stopped, never_set, absent}) {
    const auto decision = may_enable_island(assessment, std::nullopt, clock);
    CHECK_FALSE(decision.yes);
    CHECK(decision.reason == assessment.reason);
  }
}

TEST_CASE(
    "a trusted RTC does not enable island mode on a system clock that was never set from it") {
  const auto assessment = judged(reading("2026-12-24T18:00:00Z", "2026-12-02T00:00:00Z"));
  const auto decision =
      may_enable_island(assessment, std::nullopt, clock_at("2026-12-02T00:00:00Z"));
  CHECK_FALSE(decision.yes);
  CHECK(decision.reason.find("behind the RTC") != std::string::npos);
  CHECK(must_disable_island(assessment, std::nullopt, clock_at("2026-12-02T00:00:00Z")).yes);
}

TEST_CASE("a month of free running explains a system clock two minutes beside the RTC") {
  const auto assessment = judged(reading("2027-01-24T18:00:00Z", "2027-01-24T18:02:10Z"));
  CHECK(
      may_enable_island(assessment, std::nullopt, clock_at("2027-01-24T18:02:10Z", 30 * 24h)).yes);
  CHECK_FALSE(
      may_enable_island(assessment, std::nullopt, clock_at("2027-01-24T18:02:10Z", 1h)).yes);
}

TEST_CASE(
    "a real synchronization since boot enables island mode without any RTC, but never a clock of "
    "1986") {
  const auto absent = assess(std::nullopt, {}, std::nullopt, built);
  CHECK(may_enable_island(absent, 50s, clock_at("2026-12-24T18:00:00Z")).yes);
  CHECK_FALSE(may_enable_island(absent, 50s, clock_at("1986-12-28T00:00:00Z")).yes);
  CHECK(must_disable_island(absent, 50s, clock_at("1986-12-28T00:00:00Z")).yes);
}

TEST_CASE("a clock that was stepped away after its sources were lost was served on") {
  const auto assessment = judged(reading("2027-01-24T18:00:00Z", "2027-01-24T18:02:10Z"));
  const auto clock = clock_at("2027-01-24T18:02:10Z", 60 * 24h);
  CHECK(may_enable_island(assessment, 30 * 24h, clock).yes);  // a month without sources explains it
  CHECK_FALSE(may_enable_island(assessment, 60 * 24h - 10min, clock).yes);
  const auto decision = must_disable_island(assessment, 60 * 24h - 10min, clock);
  CHECK(decision.yes);
  CHECK(decision.reason.find("ahead of the RTC") != std::string::npos);
  const auto stopped = judged(failed(system::RtcHealth::oscillator_stopped));
  CHECK_FALSE(must_disable_island(stopped, 60 * 24h - 10min, clock).yes);
}

TEST_CASE("an RTC that fails while serving takes back nothing") {
  const auto clock = clock_at("2026-12-24T18:00:00Z");
  CHECK_FALSE(
      must_disable_island(judged(failed(system::RtcHealth::not_answering)), std::nullopt, clock)
          .yes);
  CHECK_FALSE(must_disable_island(judged(failed(system::RtcHealth::oscillator_stopped)),
                                  std::nullopt, clock)
                  .yes);
}

TEST_CASE("at boot a trusted RTC sets the clock forward and back, and not when it agrees") {
  const auto trusted = judged(reading("2026-12-24T18:00:00Z", "2026-12-02T00:00:00Z"));
  CHECK(set_clock_at_boot(trusted, at("2026-12-02T00:00:00Z")).action == Action::from_rtc);
  const auto ran_ahead = judged(reading("2026-12-24T18:00:00Z", "2026-12-24T18:02:10Z"));
  CHECK(set_clock_at_boot(ran_ahead, at("2026-12-24T18:02:10Z")).action == Action::from_rtc);
  const auto kernel_did_it = judged(reading("2026-12-24T18:00:00Z"));
  CHECK(set_clock_at_boot(kernel_did_it, at("2026-12-24T18:00:00Z")).action == Action::leave);
}

TEST_CASE("at boot an RTC that is not validated beats 1970 but not a later saved time") {
  const auto from_1970 = judged(reading("2026-12-24T18:00:00Z", "1970-01-01T00:00:09Z"), {});
  CHECK(set_clock_at_boot(from_1970, at("1970-01-01T00:00:09Z")).action == Action::from_rtc);
  const auto saved = judged(reading("2026-12-24T18:00:00Z", "2026-12-25T00:00:00Z"), {});
  const auto setting = set_clock_at_boot(saved, at("2026-12-25T00:00:00Z"));
  CHECK(setting.action == Action::leave);
  CHECK_FALSE(setting.rtc_refused);
}

TEST_CASE("at boot an RTC that is not validated from 2077 is refused") {
  const auto future = judged(reading("2077-01-01T00:00:00Z", "2026-12-02T00:00:00Z"), {});
  const auto setting = set_clock_at_boot(future, at("2026-12-02T00:00:00Z"));
  CHECK(setting.action == Action::leave);
  CHECK(setting.rtc_refused);
}

TEST_CASE("a clock that the kernel set from an RTC of 2056 stayed there") {
  for (const auto& record : {std::optional{validated()}, std::optional<Record>{}}) {
    const auto future = judged(reading("2056-11-13T00:00:00Z"), record);
    const auto setting = set_clock_at_boot(future, at("2056-11-13T00:00:00Z"));
    CHECK(setting.action == Action::to_earliest);
    CHECK(setting.rtc_refused);
  }
}

TEST_CASE(
    "at boot a refused RTC leaves a clock after the earliest plausible time and raises one before "
    "it") {
  const auto dead = judged(reading("2000-01-01T00:00:09Z", "2026-12-02T00:00:00Z"));
  CHECK(set_clock_at_boot(dead, at("2026-12-02T00:00:00Z")).action == Action::leave);
  const auto setting = set_clock_at_boot(dead, at("2000-01-01T00:00:09Z"));
  CHECK(setting.action == Action::to_earliest);
  CHECK(setting.rtc_refused);
  const auto absent = assess(std::nullopt, {}, validated(), built);
  CHECK(set_clock_at_boot(absent, at("1970-01-01T00:00:09Z")).action == Action::to_earliest);
  CHECK_FALSE(set_clock_at_boot(absent, at("1970-01-01T00:00:09Z")).rtc_refused);
}

TEST_CASE("the first real synchronization validates an RTC that agrees with it") {
  const auto never_set = judged(reading("2026-12-24T18:00:00Z"), std::nullopt);
  const auto next = next_record(std::nullopt, never_set, ClockTrust::traceable, {},
                                clock_at("2026-12-24T18:00:00Z"));
  REQUIRE(next);
  CHECK(next->validated_by == "sources");
  CHECK(next->last_traceable == at("2026-12-24T18:00:00Z"));
  CHECK(judged(reading("2026-12-24T18:01:00Z"), next).is_trusted());
}

TEST_CASE(
    "an RTC that real sources contradict is not valid any more but the earliest time still "
    "advances") {
  const auto slow = judged(reading("2026-12-24T17:50:00Z", "2026-12-24T18:00:00Z"));
  const auto next =
      next_record(validated(), slow, ClockTrust::traceable, {}, clock_at("2026-12-24T18:00:00Z"));
  REQUIRE(next);
  CHECK(next->validated_by.empty());
  CHECK(judged(reading("2026-12-24T17:51:00Z"), next).trust == Trust::behind_last_reading);
}

TEST_CASE("one time from the future does not refuse right time for ever: real sources lower it") {
  auto from_the_future = validated();
  from_the_future.rtc_time = from_the_future.system_time = at("2099-01-01T00:00:00Z");
  from_the_future.last_traceable = at("2099-01-01T00:00:00Z");
  const auto right = judged(reading("2026-12-24T18:00:00Z"), from_the_future);
  CHECK(right.trust == Trust::behind_last_reading);
  const auto next = next_record(from_the_future, right, ClockTrust::traceable, {},
                                clock_at("2026-12-24T18:00:00Z"));
  REQUIRE(next);
  CHECK(judged(reading("2026-12-24T18:01:00Z"), next).is_trusted());
}

TEST_CASE("real sources lower the earliest time even while the RTC cannot be read") {
  auto from_the_future = validated();
  from_the_future.rtc_time = from_the_future.system_time = at("2099-01-01T00:00:00Z");
  from_the_future.last_traceable = at("2099-01-01T00:00:00Z");
  const auto next = next_record(from_the_future, judged(failed(system::RtcHealth::busy)),
                                ClockTrust::traceable, {}, clock_at("2026-12-24T18:00:00Z"));
  REQUIRE(next);
  CHECK(judged(reading("2026-12-24T18:01:00Z"), next).trust == Trust::never_set);
}

TEST_CASE("an operator who insists lowers the earliest time too, down to the build date") {
  const auto record = forced_record(at("2026-11-25T00:00:00Z"));
  CHECK(judged(reading("2026-11-25T00:01:00Z"), record).is_trusted());
  CHECK(judged(reading("2000-01-01T00:00:00Z"), record).trust == Trust::before_build);
}

TEST_CASE(
    "on an island the last reading advances, the earliest time does not, once an hour at most") {
  const auto clock = clock_at("2026-12-24T18:02:00Z", 2h);
  const auto now = judged(reading("2026-12-24T18:00:00Z", "2026-12-24T18:02:00Z"));
  const SteadyReading earlier{at("2026-12-24T17:59:00Z"), 2h - 60s};
  const auto next = next_record(validated(), now, ClockTrust::untraceable, earlier, clock);
  REQUIRE(next);
  CHECK(next->rtc_time == at("2026-12-24T18:00:00Z"));
  CHECK(next->last_traceable == validated().last_traceable);
  CHECK(next->validated_by == "sources");
  const auto later = judged(reading("2026-12-24T18:01:00Z", "2026-12-24T18:03:00Z"), next);
  CHECK_FALSE(next_record(next, later, ClockTrust::untraceable,
                          SteadyReading{at("2026-12-24T18:00:00Z"), 2h},
                          clock_at("2026-12-24T18:03:00Z", 2h + 60s)));
}

TEST_CASE("one wild reading from the future is not recorded on an island") {
  const auto wild = judged(reading("2085-12-24T18:00:00Z", "2026-12-24T18:00:00Z"));
  const SteadyReading earlier{at("2026-12-24T17:59:00Z"), 2h - 60s};
  const auto clock = clock_at("2026-12-24T18:00:00Z", 2h);
  CHECK_FALSE(next_record(validated(), wild, ClockTrust::untraceable, earlier, clock));
  CHECK_FALSE(next_record(validated(), wild, ClockTrust::untraceable, {}, clock));
}

TEST_CASE("one wild low reading cleared the validation for good: it takes two steady ones") {
  const auto clock = clock_at("2026-12-24T18:00:00Z", 2h);
  const auto low = judged(reading("2026-11-25T00:00:00Z", "2026-12-24T18:00:00Z"));
  REQUIRE(low.trust == Trust::behind_last_reading);
  const auto next = [&](const std::optional<SteadyReading>& earlier) {
    return next_record(validated(), low, ClockTrust::untraceable, earlier, clock);
  };
  CHECK_FALSE(next({}));
  CHECK_FALSE(next(SteadyReading{at("2026-12-24T17:59:00Z"), 2h - 60s}));
  const auto lost = next(SteadyReading{at("2026-11-24T23:59:00Z"), 2h - 60s});
  REQUIRE(lost);
  CHECK(lost->validated_by.empty());
}

TEST_CASE("an RTC from before the build date is not valid any more at once") {
  const auto reset = judged(reading("2000-01-01T00:00:09Z", "2026-12-24T18:00:00Z"));
  const auto next = next_record(validated(), reset, ClockTrust::untraceable, {},
                                clock_at("2026-12-24T18:00:00Z"));
  REQUIRE(next);
  CHECK(next->validated_by.empty());
}

TEST_CASE("an RTC that lost power is not trusted again only because it was written") {
  const auto clock = clock_at("2026-12-02T00:00:00Z");
  const auto stopped = judged(failed(system::RtcHealth::oscillator_stopped));
  const auto next = next_record(validated(), stopped, ClockTrust::untraceable, {}, clock);
  REQUIRE(next);
  // hwclock -w from a clock that fake-hwclock restored clears the flag.
  CHECK(judged(reading("2026-12-02T00:01:00Z"), next).trust == Trust::never_set);
  CHECK_FALSE(next_record(next, stopped, ClockTrust::untraceable, {}, clock));
}

namespace {

system::ChronyTracking following(Seconds delay, Seconds dispersion) {
  system::ChronyTracking tracking;
  tracking.reference_id = "C0000201";
  tracking.source = "192.0.2.1";
  tracking.stratum = 3;
  tracking.root_delay = delay;
  tracking.root_dispersion = dispersion;
  return tracking;
}

std::vector<system::ChronySource> selected(const std::string& address, unsigned reach = 0377) {
  system::ChronySource source;
  source.mode = '^';
  source.state = '*';
  source.name = address;
  source.reach = reach;
  return {source};
}

}  // namespace

TEST_CASE("island mode begins beyond twice the distance of the sources, and as the profile says") {
  const Seconds least{0.1};
  const auto near = following(Seconds{0.02}, Seconds{0.01});
  const auto far = following(Seconds{0.2}, Seconds{0.05});
  const auto change = [&](const system::ChronyTracking& tracking,
                          const std::vector<system::ChronySource>& sources,
                          std::optional<Seconds> given) {
    return change_of_distance(tracking, sources, given, least, {"192.168.4.3"});
  };
  const auto outside = selected("192.0.2.1");
  CHECK_FALSE(change(near, outside, least));
  CHECK(change(far, outside, least) == Seconds{0.3});
  CHECK_FALSE(change(far, outside, Seconds{0.3}));
  CHECK_FALSE(change(far, outside, Seconds{0.5}));
  CHECK(change(near, outside, Seconds{0.3}) == least);
  CHECK(change(following(Seconds{8}, Seconds{8}), outside, least) == Seconds{3});
  // The program of before gave none, and chronyd's own is 1 s.
  CHECK(change(near, outside, std::nullopt) == least);
  CHECK(change(near, {}, std::nullopt) == least);
  // The growth after the last answer makes an island; the site's other server shows nothing.
  CHECK_FALSE(change(far, selected("192.0.2.1", 0376), least));
  CHECK_FALSE(change(far, selected("192.168.4.3"), least));
  CHECK_FALSE(change(far, {}, least));
  // The profile's distance was raised since it was enabled.
  CHECK(change(near, outside, Seconds{0.08}) == least);
  CHECK(change(far, outside, Seconds{0.08}) == Seconds{0.3});
  CHECK(change(far, {}, Seconds{0.08}) == least);
}

TEST_CASE("an island beside sources that answer is one because they are too far away") {
  auto island = following(Seconds{0}, Seconds{0});
  island.reference_id = "7F7F0101";
  island.stratum = 10;
  const auto outside = selected("192.0.2.1");
  CHECK(change_of_distance(island, outside, Seconds{0.1}, Seconds{0.1}, {}) == Seconds{0.2});
  CHECK(change_of_distance(island, outside, Seconds{2}, Seconds{0.1}, {}) == Seconds{3});
  CHECK_FALSE(change_of_distance(island, outside, Seconds{3}, Seconds{0.1}, {}));
  CHECK_FALSE(change_of_distance(island, {}, Seconds{0.1}, Seconds{0.1}, {}));
}

TEST_CASE("chronyd that is started again gets the distance of this boot") {
  BootState boot;
  CHECK(island_reference(10, Seconds{0.1}, boot).distance == Seconds{0.1});
  boot.island_distance = Seconds{0.3};
  CHECK(island_reference(10, Seconds{0.1}, boot).distance == Seconds{0.3});
  CHECK(island_reference(10, Seconds{0.5}, boot).distance == Seconds{0.5});
  boot.island_distance = Seconds{1e9};  // of a damaged file
  CHECK(island_reference(10, Seconds{0.1}, boot).distance == Seconds{3});
  FakeFiles files;
  boot.boot_id = "boot-a";
  write_boot_state(files, boot);
  CHECK(read_boot_state(files, "boot-a") == boot);
}

TEST_CASE("the state of this boot is not the next boot's") {
  FakeFiles files;
  BootState state{"boot-a", 80s, "0123", "4567", SteadyReading{at("2026-12-24T18:00:00Z"), 90s},
                  true,     true};
  write_boot_state(files, state);
  CHECK(read_boot_state(files, "boot-a") == state);
  CHECK(read_boot_state(files, "boot-b") == BootState{"boot-b", {}, "", "", {}});
  for (const auto* text : {"", "{", "{\"boot_id\":7}", "[1]",
                           R"({"boot_id":"boot-a","synchronized_at_ns":"never"})"}) {
    files.put("/run/timectl/rtc.json", text);
    CHECK(read_boot_state(files, "boot-a") == BootState{"boot-a", {}, "", "", {}});
  }
}

TEST_CASE("a clock that the operator set is no longer the synchronized one") {
  FakeFiles files;
  forget_synchronization(files, "boot-a", Chronyd::stopped);  // at boot: nothing to forget
  CHECK(files.writes() == 0);
  forget_synchronization(files, "boot-a", Chronyd::running);  // it may call itself synchronized
  CHECK(read_boot_state(files, "boot-a").clock_was_set);
  const auto writes = files.writes();
  forget_synchronization(files, "boot-a", Chronyd::running);
  CHECK(files.writes() == writes);
  const BootState state{"boot-a", 80s, "0123", "", SteadyReading{at("2026-12-24T18:00:00Z"), 90s}};
  write_boot_state(files, state);
  forget_synchronization(files, "boot-a", Chronyd::running);
  CHECK(read_boot_state(files, "boot-a") ==
        BootState{"boot-a", {}, "0123", "", SteadyReading{at("2026-12-24T18:00:00Z"), 90s}, true});
}
