// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "site.hpp"
#include "support/catch.hpp"

using namespace timectl;
using namespace timectl::monitor;
using namespace timectl::test;
using namespace std::chrono_literals;

namespace {

void validate(Server& server) {
  rtc::write_record(server.files, rtc::validated_record(std::nullopt, server.clock.now() - 24h,
                                                        rtc::ClockTrust::traceable, "sources"));
}

}  // namespace

TEST_CASE("island mode with a trusted RTC is enabled once, as the profile says") {
  Server server;
  validate(server);
  const auto tick = server.tick();
  CHECK(tick.judgement.state == quality::State::rtc_only);
  CHECK(server.daemons.local_stratum == 10);
  CHECK(server.daemons.local_orphan);
  CHECK(server.daemons.local_distance == Seconds{0.1});
  CHECK(tick.actions.size() == 1);
  server.clock.advance(60s);
  CHECK(server.tick().actions.empty());
}

TEST_CASE("sources farther away than the distance made an island while they answered") {
  Server server;
  server.sources_arrive();
  server.tick();
  CHECK(server.daemons.local_distance == Seconds{0.1});
  server.clock.advance(60s);
  server.daemons.tracking->reference_time = server.clock.now();
  server.daemons.tracking->root_dispersion = Seconds{0.2};
  server.daemons.tracking->root_delay = Seconds{0.1};
  const auto tick = server.tick();
  CHECK(server.daemons.local_distance == Seconds{0.5});
  REQUIRE(tick.actions.size() == 1);
  CHECK(tick.actions.front().find("local stratum 10 orphan distance 0.5") != std::string::npos);
  server.clock.advance(60s);
  CHECK(server.tick().actions.empty());
  // chronyd that was restarted gets it at once.
  server.services.run_again("chrony.service");
  server.daemons.local_distance = {};
  server.clock.advance(60s);
  server.tick();
  CHECK(server.daemons.local_distance == Seconds{0.5});
}

TEST_CASE("island mode is enabled no nearer than the sources that answer by then") {
  Server server;
  server.sources_arrive();
  server.daemons.tracking->root_dispersion = Seconds{0.2};
  server.daemons.tracking->root_delay = Seconds{0.1};
  const auto tick = server.tick();
  CHECK(server.daemons.local_distance == Seconds{0.5});
  CHECK(tick.actions.size() == 1);
}

TEST_CASE(
    "a distance that the profile raised is in force without a restart, with or without sources") {
  for (const bool has_sources : {true, false}) {
    CAPTURE(has_sources);
    Server server;
    if (has_sources) server.sources_arrive();
    if (!has_sources) validate(server);
    server.tick();
    server.site.hosts.at(0).serve->local_distance = 700ms;
    server.clock.advance(60s);
    if (has_sources) server.daemons.tracking->reference_time = server.clock.now();
    CHECK(server.tick().actions.size() == 1);
    CHECK(server.daemons.local_distance == Seconds{0.7});
  }
}

TEST_CASE("island mode is enabled again in a chronyd that was restarted") {
  Server server;
  validate(server);
  server.tick();
  server.services.run_again("chrony.service");
  server.daemons.run_unsynchronized();
  server.daemons.local_stratum.reset();
  server.clock.advance(60s);
  server.tick();
  CHECK(server.daemons.local_stratum == 10);
}

TEST_CASE(
    "an RTC that was not validated enables no island mode until the first real synchronization") {
  Server server;
  CHECK(server.tick().judgement.state == quality::State::unsynchronized);
  CHECK_FALSE(server.daemons.local_stratum);
  CHECK(server.rtcs.writes() == 0);
  server.sources_arrive();
  const auto tick = server.tick();
  CHECK(tick.judgement.state == quality::State::traceable);
  CHECK(server.daemons.local_stratum == 10);
  CHECK(rtc::read_record(server.files)->validated_by == "sources");
  CHECK(server.rtcs.writes() == 0);  // it agrees: there is nothing to write
}

TEST_CASE("the first real synchronization writes a new RTC that was never set") {
  Server server;
  server.rtcs.stop_oscillator();
  server.tick();
  CHECK(server.rtcs.writes() == 0);
  server.sources_arrive();
  server.tick();
  CHECK(server.rtcs.writes() == 1);
  CHECK(rtc::read_record(server.files)->validated_by == "sources");
  server.clock.advance(60s);
  server.daemons.tracking->reference_time = server.clock.now();
  const auto tick = server.tick();
  CHECK(server.rtcs.writes() == 1);
  CHECK(tick.actions.empty());
}

TEST_CASE("an RTC that real time contradicts is corrected and validated anew") {
  Server server;
  validate(server);
  server.rtcs.run_ahead(10min);
  server.sources_arrive();
  server.tick();
  CHECK(server.rtcs.writes() == 1);
  CHECK(rtc::read_and_assess({}, server.rtcs, server.files).is_trusted());
}

TEST_CASE("an RTC that cannot be set is a finding, and is not validated") {
  Server server;
  validate(server);
  server.rtcs.set_health(system::RtcHealth::not_answering);
  server.sources_arrive();
  server.tick();
  CHECK(server.rtcs.writes() == 0);
  CHECK(rtc::read_record(server.files)->validated_by.empty());
}

TEST_CASE("island mode whose clock turns out wrong is disabled") {
  Server server;
  validate(server);
  server.tick();
  server.clock.set(server.clock.now() - 400 * 24h);  // the clock was set
  server.rtcs.run_ahead(400 * 24h);
  const auto tick = server.tick();
  CHECK(tick.judgement.state == quality::State::wrong);
  CHECK_FALSE(server.daemons.local_stratum);
  CHECK(server.tick().actions.empty());
}

TEST_CASE("a clock stepped away after its sources were lost is wrong, and served no more") {
  Server server;
  server.sources_arrive();
  server.tick();
  CHECK(server.daemons.local_stratum == 10);
  server.clock.advance(60s);
  server.daemons.run_unsynchronized();
  server.clock.set(server.clock.now() + 24h);
  server.rtcs.run_ahead(-24h);
  const auto tick = server.tick();
  CHECK(tick.judgement.state == quality::State::wrong);
  CHECK_FALSE(server.daemons.local_stratum);
  CHECK(server.tick().judgement.state == quality::State::wrong);
  CHECK_FALSE(server.daemons.local_stratum);
}

TEST_CASE("a clock set an hour wrong was slewed for half a day, and is stepped") {
  Server server;
  server.sources_arrive();
  server.tick();
  // The clock is set; the sources and the RTC go on.
  const auto truth = server.clock.now() + 60s;
  server.clock.advance(60s);
  server.clock.set(truth - 1h);
  server.rtcs.run_ahead(1h);
  server.daemons.tracking->system_offset = Seconds{3600};
  server.daemons.tracking->reference_time = truth;
  const auto tick = server.tick();
  CHECK(tick.judgement.state == quality::State::wrong);
  CHECK(server.daemons.steps == 1);
  CHECK(tick.actions.front().find("the system clock is 60 min slow") != std::string::npos);
  CHECK(server.rtcs.writes() == 0);
}

TEST_CASE("sources that the RTC contradicts, or that have no source beside them, step no clock") {
  Server server;
  server.sources_arrive();
  server.tick();
  server.daemons.tracking->system_offset = Seconds{3600};
  server.daemons.tracking->reference_time = server.clock.now() + 1h;
  // The RTC goes with the clock.
  server.tick();
  CHECK(server.daemons.steps == 0);
  // As little as that is no proof that it does not.
  server.daemons.tracking->system_offset = Seconds{4};
  server.daemons.tracking->reference_time = server.clock.now() + 4s;
  server.tick();
  CHECK(server.daemons.steps == 0);
  server.daemons.tracking->system_offset = Seconds{3600};
  server.daemons.tracking->reference_time = server.clock.now() + 1h;
  server.rtcs.run_ahead(1h);
  server.rtcs.set_health(system::RtcHealth::not_answering);
  server.tick();
  CHECK(server.daemons.steps == 0);
  // The sources are not sure themselves.
  server.rtcs.set_health(system::RtcHealth::readable);
  server.daemons.tracking->root_dispersion = Seconds{1};
  server.tick();
  CHECK(server.daemons.steps == 0);
  server.daemons.tracking->root_dispersion = Seconds{0.001};
  server.tick();
  CHECK(server.daemons.steps == 1);
}

TEST_CASE("a server that follows the site's other server was called traceable") {
  Server server;
  auto other = server.site.hosts[0];
  other.name = "pi-ntp-2";
  other.addresses = {{"", *IpAddress::parse("192.168.4.3")}};
  server.site.hosts.push_back(other);
  const auto& self = server.site.hosts[0];
  server.daemons.follow("192.168.4.3");
  server.daemons.tracking->reference_time = server.clock.now();
  const auto tick = run_tick(server.site, self, server.ports, features::steps(), DryRun::no);
  CHECK(tick.judgement.state == quality::State::unsynchronized);
  CHECK_FALSE(server.daemons.local_stratum);
  CHECK_FALSE(rtc::read_record(server.files));
}

TEST_CASE(
    "chronyd's own word makes a holdover on a host without checks, and enables no island mode") {
  Server server;
  server.rtcs.unplug(1, 0x68);
  server.sources_arrive();
  server.daemons.tracking->root_dispersion = Seconds{0.2};
  server.daemons.sources->front().reach = 0;
  server.daemons.tracking->reference_time = server.clock.now() - 10min;
  const auto tick = server.tick();
  CHECK(tick.judgement.state == quality::State::holdover);
  CHECK_FALSE(server.daemons.local_stratum);
  // A time ahead of the clock, or before the boot, is of another clock.
  for (const auto apart : {-72h, 2h}) {
    server.daemons.tracking->reference_time = server.clock.now() - apart;
    CHECK(server.tick().judgement.state == quality::State::unsynchronized);
  }
  server.daemons.tracking->reference_time = server.clock.now() - 10min;
  rtc::forget_synchronization(server.files, server.clock.boot_id(), rtc::Chronyd::running);
  CHECK(server.tick().judgement.state == quality::State::unsynchronized);
}

TEST_CASE("lost sources are holdover while the bound is small") {
  Server server;
  server.sources_arrive();
  server.tick();
  server.daemons.run_unsynchronized();
  server.clock.advance(2h);
  const auto tick = server.tick();
  CHECK(tick.judgement.state == quality::State::holdover);
  CHECK(tick.judgement.bound < Seconds{1});
  CHECK(tick.judgement.bound > Seconds{0.1});
}

TEST_CASE("a reboot forgets the synchronization, and a validated RTC carries the island on") {
  Server server;
  server.sources_arrive();
  server.tick();
  server.clock.advance(30s);
  server.clock.reboot();
  server.services.run_again("chrony.service");
  server.daemons.run_unsynchronized();
  server.daemons.local_stratum.reset();
  server.clock.advance(30s);
  CHECK(server.tick().judgement.state == quality::State::rtc_only);
  CHECK(server.daemons.local_stratum == 10);
}

TEST_CASE("a reboot with a dead battery enables no island mode") {
  Server server;
  server.sources_arrive();
  server.tick();
  server.clock.reboot();
  server.services.run_again("chrony.service");
  server.daemons.run_unsynchronized();
  server.daemons.local_stratum.reset();
  server.rtcs.stop_oscillator();
  CHECK(server.tick().judgement.state == quality::State::unsynchronized);
  CHECK_FALSE(server.daemons.local_stratum);
}

TEST_CASE("a chronyd that cannot be asked is a finding and enables no island mode") {
  Server server;
  validate(server);
  server.daemons.broken = "cannot ask chronyd: timed out";
  const auto tick = server.tick();
  REQUIRE(tick.findings.size() == 1);
  CHECK(tick.findings[0].probe.text() == "chrony.sync");
  CHECK_FALSE(server.daemons.local_stratum);
}

TEST_CASE("a chronyd that does not run was silently called rtc_only") {
  Server server;
  validate(server);
  server.daemons.tracking.reset();
  server.services.stop_for_good("chrony.service");
  const auto tick = server.tick();
  CHECK(tick.could_act);
  REQUIRE(tick.findings.size() == 1);
  CHECK(tick.findings[0].verdict == probe::Verdict::failed);
  CHECK(tick.findings[0].summary.find("chronyd is not running") == 0);
  CHECK_FALSE(server.daemons.local_stratum);
}

TEST_CASE("a chronyd that still started at a slow boot made the first tick fail") {
  Server server;
  validate(server);
  server.daemons.tracking.reset();
  const auto tick = server.tick();
  CHECK(tick.could_act);
  CHECK(tick.actions.empty());
}

TEST_CASE("a local directive in a file had chronyd serve a clock that is not validated") {
  Server server;
  server.daemons.enable_local({10, false});
  const auto tick = server.tick();
  CHECK(tick.judgement.state == quality::State::unsynchronized);
  REQUIRE(tick.findings.size() == 1);
  CHECK(tick.findings[0].probe.text() == "chrony.config");
  CHECK_FALSE(server.daemons.local_stratum);
  CHECK(server.daemons.tracking->stratum == 0);
  CHECK(server.tick().findings.empty());
}

TEST_CASE("island mode whose RTC fails later is not taken for a stranger's") {
  Server server;
  validate(server);
  server.tick();
  server.rtcs.set_health(system::RtcHealth::not_answering);
  server.clock.advance(60s);
  CHECK(server.tick().findings.empty());
  CHECK(server.daemons.local_stratum == 10);
}

TEST_CASE("a host whose island mode was disabled by hand in chronyd stayed without time") {
  Server server;
  validate(server);
  server.tick();
  server.daemons.disable_local();
  server.clock.advance(60s);
  CHECK(server.tick().actions.size() == 1);
  CHECK(server.daemons.local_stratum == 10);
}

TEST_CASE("island mode that the operator disabled stays so until chronyd starts again") {
  Server server;
  validate(server);
  server.tick();
  auto boot = rtc::read_boot_state(server.files, server.clock.boot_id());
  boot.enabled_invocation.clear();
  boot.disabled_invocation = server.services.state("chrony.service").invocation_id;
  rtc::write_boot_state(server.files, boot);
  server.daemons.disable_local();
  for (int minute = 0; minute < 3; ++minute) {
    server.clock.advance(60s);
    CHECK(server.tick().actions.empty());
    CHECK_FALSE(server.daemons.local_stratum);
  }
  server.services.run_again("chrony.service");
  server.clock.advance(60s);
  server.tick();
  CHECK(server.daemons.local_stratum == 10);
}

TEST_CASE(
    "a server without an RTC that was synchronized goes on in island mode, also after a restart") {
  Server server;
  server.rtcs.unplug(1, 0x68);
  server.sources_arrive();
  server.tick();
  const auto boot = rtc::read_boot_state(server.files, server.clock.boot_id());
  CHECK(boot.synchronized_at);
  CHECK_FALSE(boot.enabled_invocation.empty());
  server.clock.advance(60s);
  server.services.run_again("chrony.service");
  server.daemons.run_unsynchronized();
  server.daemons.local_stratum.reset();
  server.tick();
  CHECK(server.daemons.local_stratum == 10);
}

TEST_CASE("the note of a program of before 0.2 counts: island mode is not enabled twice") {
  Server server;
  validate(server);
  server.tick();
  auto text = server.files.at("/run/timectl/rtc.json");
  text.replace(text.find("enabled_invocation"), 18, "armed_invocation");
  server.files.put("/run/timectl/rtc.json", text);
  server.clock.advance(60s);
  CHECK(server.tick().actions.empty());
}

TEST_CASE("an island's record is written at most once an hour") {
  Server server;
  validate(server);
  server.tick();
  int changes = 0;
  auto record = rtc::read_record(server.files);
  for (int minute = 0; minute < 180; ++minute) {
    server.clock.advance(60s);
    server.tick();
    const auto now = rtc::read_record(server.files);
    if (now != record) ++changes;
    record = now;
  }
  CHECK(changes >= 2);
  CHECK(changes <= 4);
  CHECK(record->last_traceable != record->rtc_time);
}
