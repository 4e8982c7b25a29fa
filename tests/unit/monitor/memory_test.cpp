// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/memory.hpp"

#include "history/learned.hpp"
#include "history/ring.hpp"
#include "monitor/state.hpp"
#include "rtc/battery.hpp"
#include "rtc/island.hpp"
#include "site.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>

using namespace timectl;
using namespace timectl::monitor;
using namespace timectl::test;
using namespace std::chrono_literals;

namespace {

const probe::Finding* finding_of(const Tick& tick, const std::string& probe) {
  const auto found =
      std::find_if(tick.findings.begin(), tick.findings.end(),
                   [&](const probe::Finding& each) { return each.probe.text() == probe; });
  return found == tick.findings.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("each tick is remembered, with what it saw") {
  Client client;
  client.tick();
  client.clock.advance(60s);
  client.server_dies();
  client.tick();
  const auto seen = history::read_latest(client.files);
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].state == quality::State::traceable);
  CHECK(seen[0].saving);
  CHECK(std::isfinite(seen[0].offset_s));
  CHECK(std::isnan(seen[0].rtc_ahead_s));
  CHECK_FALSE(seen[1].saving);
  CHECK(std::isnan(seen[1].offset_s));
}

TEST_CASE("a server's history has what its chronyd and its sensors said") {
  Server server;
  server.sources_arrive();
  server.daemons.tracking->frequency_ppm = -12.5;
  server.daemons.tracking->skew_ppm = 0.25;
  auto more = server.daemons.sources->front();
  for (const char state : {'+', '-', 'x', '~', '?'}) {
    more.state = state;
    server.daemons.sources->push_back(more);
  }
  server.daemons.sources->front().reach = 0357;
  server.daemons.server_stats = system::ChronyServerStats{1000, 3};
  server.daemons.clients = {{"192.168.4.1", 12, 0, {}, {}}, {"127.0.0.1", 9, 0, {}, {}}};
  server.rtcs.set_temperature(24.75);
  server.files.put("/sys/class/thermal/thermal_zone0/temp", "48250\n");
  server.tick();
  const auto seen = history::read_latest(server.files).at(0);
  CHECK(seen.frequency_ppm == -12.5);
  CHECK(seen.skew_ppm == 0.25);
  CHECK(seen.reach == 0357);
  CHECK(seen.source_age_s == 20);
  CHECK(seen.selectable_sources == 3);
  CHECK(seen.requests == 1000);
  CHECK(seen.requests_dropped == 3);
  CHECK(seen.clients == 1);
  CHECK(seen.rtc_temperature_c == 24.75);
  CHECK(seen.soc_temperature_c == 48.25);
  CHECK(seen.since_boot_s == 3600);
  CHECK(history::to_string(seen.boot) == server.clock.boot_id());
}

TEST_CASE("a client's history has what timesyncd and the kernel know, and nothing of chronyd") {
  Client client;
  client.clock.discipline_ = {.synchronized = true, .frequency_ppm = 7.25};
  client.tick();
  const auto seen = history::read_latest(client.files).at(0);
  // What the kernel adds is what the clock lacks.
  CHECK(seen.frequency_ppm == -7.25);
  CHECK(seen.source_age_s == 20);
  CHECK(std::isnan(seen.reach));
  CHECK(std::isnan(seen.requests));
  CHECK(std::isnan(seen.soc_temperature_c));
  CHECK(client.daemons.asked_for_clients == 0);
}

TEST_CASE("what timesyncd makes of the clock in its first hour is not how the clock runs") {
  const auto frequency_of = [](auto change) {
    Client client;
    client.clock.discipline_ = {.synchronized = true, .frequency_ppm = 45};
    change(client.clock);
    client.tick();
    return history::read_latest(client.files).at(0).frequency_ppm;
  };
  CHECK(frequency_of([](auto&) {}) == -45);
  CHECK(std::isnan(frequency_of([](auto& clock) { clock.reboot(); })));
  CHECK(std::isnan(frequency_of([](auto& clock) { clock.discipline_.frequency_ppm = 0; })));
  CHECK(std::isnan(frequency_of([](auto& clock) { clock.discipline_.synchronized = false; })));
}

TEST_CASE("clients are counted twice an hour, not each minute") {
  Server server;
  server.daemons.clients.emplace();
  server.daemons.server_stats = system::ChronyServerStats{};
  for (int minute = 0; minute < 90; ++minute) {
    server.tick();
    server.clock.advance(60s);
  }
  CHECK(server.daemons.asked_for_clients == 3);
  const auto seen = history::read_samples(server.files, {});
  REQUIRE(seen.size() == 90);
  CHECK(seen[0].clients == 0);
  CHECK(std::isnan(seen[1].clients));
  CHECK(seen[30].clients == 0);
}

TEST_CASE("a chronyd that refuses to say what it served costs the history those values alone") {
  Server server;
  server.sources_arrive();
  server.daemons.refuses_counters = true;
  const auto tick = server.tick();
  CHECK(finding_of(tick, "monitor.history") == nullptr);
  const auto seen = history::read_latest(server.files).at(0);
  CHECK(std::isnan(seen.requests));
  CHECK(std::isnan(seen.clients));
  CHECK(seen.selectable_sources == 1);
}

TEST_CASE("a dry run and a host in the middle of a change remember nothing") {
  Client client;
  client.tick(DryRun::yes);
  monitor::run_tick(client.site, client.host, client.ports, features::steps(), DryRun::no,
                    Scope::only_take_away);
  CHECK(history::read_latest(client.files).empty());
}

TEST_CASE("an island learns how its clocks drift apart, and that is alarming once it is sure") {
  Server server;
  rtc::write_record(server.files, rtc::validated_record(std::nullopt, server.clock.now(),
                                                        rtc::ClockTrust::untraceable, "operator"));
  std::optional<Tick> alarmed;
  for (int minute = 0; minute < 24 * 60; ++minute) {
    server.clock.advance(57s + std::chrono::milliseconds{(minute * 371) % 6000});
    server.rtcs.run_ahead(minute * 6ms);  // 100 ppm
    const auto tick = server.tick();
    if (finding_of(tick, "rtc.drift") != nullptr && !alarmed) alarmed = tick;
  }
  REQUIRE(alarmed);
  REQUIRE(alarmed->drift_ppm);
  CHECK(*alarmed->drift_ppm == Approx(100).margin(30));
  CHECK(finding_of(*alarmed, "rtc.drift")->verdict == probe::Verdict::failed);
  CHECK(read_state(server.files, server.clock.boot_id()).drift_ppm);
}

TEST_CASE("an old battery is said once, and not any more after it was replaced") {
  Server server;
  server.sources_arrive();
  const auto today = std::chrono::floor<std::chrono::days>(server.clock.now());
  CHECK(finding_of(server.tick(), "rtc.battery") == nullptr);
  rtc::note_battery(server.files, today - std::chrono::days{4 * 366}, "ds3231");
  server.clock.reboot();
  server.sources_arrive();
  const auto tick = server.tick();
  const auto* said = finding_of(tick, "rtc.battery");
  REQUIRE(said != nullptr);
  CHECK(said->verdict == probe::Verdict::warning);
  server.tick();
  const auto& sent = server.events.sent;
  CHECK(std::count_if(sent.begin(), sent.end(), [](const auto& event) {
          return event.message.find("battery") != std::string::npos;
        }) == 1);
  rtc::note_battery(server.files, today, "ds3231");
  CHECK(finding_of(server.tick(), "rtc.battery") == nullptr);
  server.rtcs.set_voltage_low(true);
  CHECK(finding_of(server.tick(), "rtc.battery") != nullptr);
}

TEST_CASE("a note of the battery is read twice an hour, and not at all where none is watched") {
  Server server;
  server.sources_arrive();
  server.tick();
  server.files.put("/var/lib/timectl/battery.json", "rot");
  server.files.forbid_reading("/var/lib/timectl/battery.json");
  server.clock.advance(60s);
  CHECK_NOTHROW(server.tick());
  CHECK(read_state(server.files, server.clock.boot_id()).battery == rtc::BatteryNote{});
  server.site.hosts[0].rtc->battery_years = 0;
  server.tick();
  CHECK_FALSE(read_state(server.files, server.clock.boot_id()).battery);
}

TEST_CASE("no battery is old by a clock that nothing confirms") {
  Server server;
  rtc::note_battery(server.files, rtc::Date{std::chrono::year{2001} / 1 / 1}, "ds3231");
  const auto tick = server.tick();
  CHECK(tick.judgement.state == quality::State::unsynchronized);
  CHECK(finding_of(tick, "rtc.battery") == nullptr);
}

TEST_CASE("what only an earlier version took of a profile is a finding, and the host is watched") {
  Server server;
  server.sources_arrive();
  server.site.tolerated = {"/etc/timectl/profile.json:3:9: /hosts/pi-ntp/rtc/address: found 1"};
  const auto tick = server.tick();
  REQUIRE(finding_of(tick, "rtc.device") != nullptr);
  CHECK(finding_of(tick, "rtc.device")->cause == server.site.tolerated[0]);
  CHECK(tick.judgement.state == quality::State::traceable);
  CHECK(tick.could_act);
  server.site.tolerated = {"/etc/timectl/profile.json:9:9: /hosts/main-pi/rtc/chip: found \"x\""};
  CHECK(finding_of(server.tick(), "rtc.device") == nullptr);
}

TEST_CASE("a chip that was exchanged starts without what was learned of the one before") {
  Server server;
  server.sources_arrive();
  history::Learned learned{server.clock.now(), {}, history::Spread{40, Seconds{8 * 24h}, {}}};
  learned.chip = "ds1307";
  history::write_learned(server.files, learned);
  rtc::write_record(server.files,
                    rtc::validated_record(std::nullopt, server.clock.now() - 24h,
                                          rtc::ClockTrust::untraceable, "operator"),
                    "ds1307");
  CHECK_FALSE(rtc::read_and_assess({}, server.rtcs, server.files).is_trusted());
  server.daemons.run_unsynchronized();
  CHECK(server.tick().judgement.state == quality::State::unsynchronized);
  CHECK(history::read_learned(server.files, "ds3231").is_of_other_chip);  // not by this clock
  server.sources_arrive();
  server.tick();
  const auto now = history::read_learned(server.files, "ds3231");
  CHECK_FALSE(now.rtc);
  CHECK_FALSE(now.is_of_other_chip);
  CHECK(now.chip_since == server.clock.now());
  CHECK(rtc::read_and_assess({}, server.rtcs, server.files).is_trusted());
}

TEST_CASE("a server that lost its sources says when its bound passes the limit") {
  Server server;
  server.sources_arrive();
  server.tick();
  server.daemons.run_unsynchronized();
  std::optional<Tick> last;
  // 15 ppm: the limit of 5 s is four days away, and within a day of it that is said.
  server.clock.advance(72h);
  for (int minute = 0; minute < 25; ++minute) {
    server.clock.advance(60s);
    last = server.tick();
  }
  REQUIRE(last->until_limit);
  CHECK(last->until_limit->count() == Approx((5 - 0.01) / 15e-6 - 72 * 3600 - 1500).epsilon(0.01));
  const auto* said = finding_of(*last, "time.forecast");
  REQUIRE(said != nullptr);
  CHECK(said->summary.find("the error bound passes the limit of 5 s in 19 h") == 0);
}

TEST_CASE("a forecast goes on when half an hour was written to the disk") {
  Server server;
  server.sources_arrive();
  server.tick();
  server.daemons.run_unsynchronized();
  server.clock.advance(72h);
  for (int minute = 0; minute < 100; ++minute) {
    server.clock.advance(60s);
    const auto tick = server.tick();
    INFO(minute);
    if (minute > 15) CHECK(finding_of(tick, "time.forecast") != nullptr);
  }
}

TEST_CASE("while there is UTC nothing is foretold, also when the bound grows") {
  Client client;
  FakeNtpServer server;
  for (int minute = 0; minute < 25; ++minute) {
    server.root_dispersion_s = 0.1 + 0.001 * minute;
    client.server_is(server);
    client.follow(server_address);
    const auto tick = client.tick();
    REQUIRE(tick.judgement.state == quality::State::traceable);
    CHECK_FALSE(tick.until_limit);
    client.clock.advance(60s);
  }
}

TEST_CASE("a bound beyond what the profile allows is a warning, then critical") {
  Client client;
  FakeNtpServer server;
  server.root_dispersion_s = 2;
  client.server_is(server);
  CHECK(finding_of(client.tick(), "time.bound")->verdict == probe::Verdict::warning);
  client.site.hosts[1].monitor->bound_critical = 2s;
  CHECK(finding_of(client.tick(), "time.bound")->verdict == probe::Verdict::failed);
}

TEST_CASE("a history that cannot be written loses what was seen and nothing else") {
  Client client;
  client.files.put_directory("/run/timectl/history");
  const auto tick = client.tick();
  CHECK(tick.saving);
  CHECK(tick.could_act);
  CHECK(finding_of(tick, "monitor.history") != nullptr);
}

TEST_CASE("spans are said in hours and minutes") {
  CHECK(hours_and_minutes(Seconds{312 * 60}) == "5 h 12 min");
  CHECK(hours_and_minutes(Seconds{29}) == "0 min");
  CHECK(hours_and_minutes(Seconds{3599}) == "1 h 0 min");
}
