// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/learned.hpp"
#include "monitor/publish.hpp"
#include "monitor/state.hpp"
#include "observe/judge.hpp"
#include "probe/probe.hpp"
#include "rtc/boot_state.hpp"
#include "rtc/island.hpp"
#include "site.hpp"
#include "support/catch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>

// verify, monitor, rtc and the metrics say the same of the same host, whatever its daemon, its
// sources, its RTC and what it heard before come to. status shows verify's finding.

using namespace timectl;
using namespace timectl::test;
using namespace std::chrono_literals;

namespace {

const std::string second_server = "192.168.4.3";

/// What one of the two said of the time.
struct Word {
  std::string state;
  std::optional<double> bound_s;  ///< nullopt: not known
};

std::ostream& operator<<(std::ostream& out, const Word& word) {
  return out << word.state << ", " << (word.bound_s ? fmt::format("{} s", *word.bound_s) : "-");
}

/// What passes between two checks makes a bound a little larger.
bool agree(const Word& one, const Word& other) {
  if (one.state != other.state || one.bound_s.has_value() != other.bound_s.has_value()) {
    return false;
  }
  return !one.bound_s || std::abs(*one.bound_s - *other.bound_s) < 0.001 + 0.01 * *one.bound_s;
}

Word verify(const MonitoredHost& machine) {
  const facts::Facts facts;
  const probe::Subject subject{machine.site, machine.host, facts, {}};
  const auto finding =
      probe::run_probes(subject, machine.readers, probe::time_probes, {.only = {"time.quality"}})
          .front();
  Word word;
  for (const auto& [key, value] : finding.evidence) {
    if (key == "state") word.state = std::get<std::string>(value);
    if (key == "bound_s") word.bound_s = std::get<double>(value);
  }
  return word;
}

std::optional<double> if_finite(double number) {
  return std::isfinite(number) ? std::optional{number} : std::nullopt;
}

Word monitored(const monitor::Tick& tick) {
  return {to_string(tick.judgement.state), if_finite(tick.judgement.bound.count())};
}

/// The number behind a metric's name and labels.
std::string sample(const std::string& text, const std::string& name) {
  const auto line = text.find("\n" + name + " ");
  if (line == std::string::npos) return "";
  const auto from = line + name.size() + 2;
  return text.substr(from, text.find('\n', from) - from);
}

Word metrics(const MonitoredHost& machine, const monitor::Tick& tick) {
  const auto text = "\n" + monitor::metrics_text(machine.host, {}, tick);
  Word word;
  for (const auto* state :
       {"traceable", "holdover", "island", "rtc_only", "unsynchronized", "wrong"}) {
    const auto name = fmt::format("timectl_time_state{{state=\"{}\"}}", state);
    if (sample(text, name) == "1") word.state += state;
  }
  word.bound_s = if_finite(std::atof(sample(text, "timectl_time_error_bound_seconds").c_str()));
  return word;
}

/// What 'timectl rtc' says of serving the host's own clock.
bool rtc_may_enable(const MonitoredHost& machine) {
  const auto ports = machine.readers.of_time();
  auto seen = observe::observe_clocks(machine.host, ports);
  const auto limits = profile::limits_of(machine.site, machine.host);
  return observe::ask_to_enable_island(machine.host, ports, limits, seen).yes;
}

bool has_done(const monitor::Tick& tick, const std::string& what) {
  return std::any_of(tick.actions.begin(), tick.actions.end(),
                     [&](const std::string& action) { return action.starts_with(what); });
}

/// Draws situations; the same seed draws the same ones.
class Situations {
 public:
  explicit Situations(std::uint32_t seed) : random_(seed) {}

  std::unique_ptr<MonitoredHost> draw() {
    const bool is_client = chance(60);
    auto machine = std::make_unique<MonitoredHost>(is_client ? 1 : 0);
    auto& host = machine->site.hosts.at(is_client ? 1 : 0);
    machine->services.add("chrony.service");
    machine->services.add("systemd-timesyncd.service");
    machine->services.add(controller_unit);
    if (is_client) {
      host.client->daemon = one_of(profile::ClientDaemon::chrony, profile::ClientDaemon::timesyncd);
      host.client->root_distance_max = one_of(5s, 1s);
      if (chance(30)) host.rtc = profile::RtcFeature{};
    } else if (chance(70)) {
      host.sources = profile::SourcesFeature{{}, {"198.51.100.7"}, 2};
      if (chance(20)) host.rtc.reset();
    }
    if (chance(30)) add_second_server(*machine);
    machine->rtcs.add_bus(1);
    happen(*machine);
    return machine;
  }

  /// Time passes and things change.
  void happen(MonitoredHost& machine) {
    if (chance(80)) machine.clock.advance(one_of(60s, 61s, 700s, 7200s, 90000s));
    if (chance(4)) machine.clock.reboot();
    if (chance(4)) machine.clock.set(machine.clock.now() + one_of(-3600h, -2s, 40s, 3600h));
    if (chance(2)) machine.clock.set(WallTime{} + 600s);
    answer(machine, server_address);
    answer(machine, second_server);
    say(machine);
    remember(machine);
    read_rtc(machine);
  }

 private:
  bool chance(unsigned percent) { return random_() % 100 < percent; }

  template <typename... Choices>
  std::common_type_t<Choices...> one_of(Choices... choices) {
    const std::vector<std::common_type_t<Choices...>> values{choices...};
    return values[random_() % values.size()];
  }

  static void add_second_server(MonitoredHost& machine) {
    auto other = machine.site.hosts.front();
    other.name = "pi-ntp-2";
    other.addresses = {{"", *IpAddress::parse(second_server)}};
    other.rtc.reset();
    machine.site.hosts.push_back(other);
  }

  void answer(MonitoredHost& machine, const std::string& address) {
    FakeNtpServer server = chance(20) ? FakeNtpServer::island() : FakeNtpServer{};
    if (chance(10)) server = FakeNtpServer::unsynchronized();
    if (chance(5)) server = FakeNtpServer::kiss("RATE");
    server.reference_age = one_of(10s, 10s, 3000s, 9000s);
    server.root_dispersion_s = one_of(0.001, 0.001, 0.7, 3.0, 7.0);
    server.ahead = one_of(0ms, 0ms, 3ms, -30ms, 3000ms, -3600000ms);
    machine.datagrams.put_server(endpoint(address), server);
    if (!chance(25)) return;
    machine.datagrams.put_status(endpoint(address), one_of(system::ExchangeStatus::timed_out,
                                                           system::ExchangeStatus::refused));
  }

  void say(MonitoredHost& machine) {
    const auto whom = one_of(server_address, server_address, second_server, fallback_address,
                             std::string{"203.0.113.9"});
    chronyd_says(machine, whom);
    timesyncd_says(machine, whom);
    machine.daemons.broken = chance(3) ? "cannot ask it: timed out" : "";
  }

  void chronyd_says(MonitoredHost& machine, const std::string& whom) {
    auto& daemons = machine.daemons;
    daemons.follow(whom, one_of(2, 3, 3, 10, 11, 15));
    daemons.tracking->reference_time =
        machine.clock.now() - one_of(20s, 300s, 3000s, 3700s, 80000s, -40s);
    daemons.tracking->root_dispersion = Seconds{one_of(0.001, 0.2, 0.9, 2.0, 6.0)};
    daemons.tracking->system_offset = Seconds{one_of(1e-6, -0.01, 0.7, 25.0)};
    auto& source = daemons.sources->front();
    source.reach = one_of(0377U, 0377U, 0376U, 1U, 0U);
    source.state = one_of('*', '*', '*', '?', 'x');
    source.since_last_sample = Seconds{one_of(20.0, 100.0, 1000.0, 7000.0)};
    source.poll_log2 = one_of(5, 6, 10);
    if (chance(5)) source.since_last_sample.reset();
    if (chance(20)) become_an_island(machine);
    if (chance(10)) daemons.run_unsynchronized();
    if (chance(10)) daemons.tracking.reset();
    if (!daemons.tracking || chance(3)) daemons.sources.reset();
  }

  static void become_an_island(MonitoredHost& machine) {
    auto& tracking = *machine.daemons.tracking;
    tracking.reference_id = "7F7F0101";
    tracking.source = "127.127.1.1";
    tracking.stratum = 10;
    tracking.reference_time = machine.clock.now();
    machine.daemons.sources->front().state = '?';
    machine.daemons.sources->front().reach = 0;
  }

  void timesyncd_says(MonitoredHost& machine, const std::string& whom) {
    auto& daemons = machine.daemons;
    const auto ago = one_of(10s, 100s, 1000s, 5000s, 100000s, -50s);
    daemons.timesync_follow(whom, machine.clock.now() - ago, Seconds{one_of(32.0, 64.0, 2048.0)});
    auto& message = *daemons.timesync_state->message;
    message.stratum = one_of(2, 2, 10, 15, 16);
    message.reference_id = one_of("C0A80403", "7F7F0101", "4C4F434C", "");
    message.root_dispersion = Seconds{one_of(0.001, 0.8, 2.0, 6.0)};
    if (chance(10)) daemons.timesync_state->message.reset();
    if (chance(5)) daemons.timesync_state->server_address = "";
    if (chance(10)) daemons.timesync_state.reset();
  }

  void remember(MonitoredHost& machine) {
    if (chance(20)) {
      rtc::forget_synchronization(machine.files, machine.clock.boot_id(),
                                  one_of(rtc::Chronyd::stopped, rtc::Chronyd::running));
    }
    if (chance(20)) learn(machine);
    if (!chance(30)) return;
    const auto trust = one_of(rtc::ClockTrust::traceable, rtc::ClockTrust::untraceable);
    const auto at = machine.clock.now() - one_of(60s, 90000s, 9000000s, -90000s);
    rtc::write_record(machine.files, rtc::validated_record(std::nullopt, at, trust, "sources"));
  }

  void learn(MonitoredHost& machine) {
    history::Learned learned;
    learned.looked_at = machine.clock.now();
    const auto at = machine.clock.now() - one_of(0s, 86400s);
    learned.clock = {one_of(0.2, 9.0, 60.0), one_of(86400s, 864000s), at};
    if (chance(50)) learned.rtc = {one_of(0.5, 8.0, 30.0), one_of(90000s, 604800s), at};
    history::write_learned(machine.files, learned);
    const std::string path = "/var/lib/timectl/learned.json";
    if (chance(10)) machine.files.put(path, machine.files.at(path).substr(20));
  }

  void read_rtc(MonitoredHost& machine) {
    auto& rtcs = machine.rtcs;
    if (chance(10)) {
      rtcs.unplug(1, 0x68);
    } else if (rtcs.list().empty()) {
      rtcs.bind(1, 0x68, "ds3231");
    }
    rtcs.set_health(one_of(system::RtcHealth::readable, system::RtcHealth::readable,
                           system::RtcHealth::readable, system::RtcHealth::busy,
                           system::RtcHealth::not_answering));
    rtcs.run_ahead(one_of(0s, 0s, 1s, -4s, 3600s, 24h * 365 * 30));
  }

  std::mt19937 random_;
};

/// 10^5 of them are for an optimized build: TIMECTL_SITUATIONS=100000.
int wanted_situations() {
  const auto* wanted = std::getenv("TIMECTL_SITUATIONS");
  return wanted != nullptr ? std::atoi(wanted) : 500;
}

}  // namespace

TEST_CASE("verify, monitor, rtc and the metrics say the same of every situation") {
  constexpr int checks = 4;
  std::map<std::string, int> states;
  int compared = 0;
  int enabled = 0;
  for (int i = 0; i < wanted_situations(); i += checks) {
    Situations situations{static_cast<std::uint32_t>(i)};
    const auto machine = situations.draw();
    for (int check = 0; check < checks; ++check) {
      INFO("situation " << i << ", check " << check);
      const auto verified = verify(*machine);
      const bool may_enable_island = rtc_may_enable(*machine);
      const auto tick = machine->tick();
      CAPTURE(verified, monitored(tick), tick.judgement.reason);
      // A daemon that does not answer is unknown to verify, and gives the monitor nothing to go by.
      if (!verified.state.empty()) {
        REQUIRE(agree(verified, monitored(tick)));
        ++compared;
      }
      REQUIRE(agree(metrics(*machine, tick), monitored(tick)));
      if (has_done(tick, "enable island mode")) REQUIRE(may_enable_island);
      if (has_done(tick, "disable island mode")) REQUIRE_FALSE(may_enable_island);
      enabled += has_done(tick, "enable island mode") ? 1 : 0;
      ++states[monitored(tick).state];
      situations.happen(*machine);
    }
  }
  CHECK(states.size() == 6);  // else the property holds for too little
  CHECK(compared > wanted_situations() / 2);
  CHECK(enabled > 0);
}

TEST_CASE("island mode is not enabled by a chronyd whose sources are silent") {
  MonitoredHost machine{0};
  machine.rtcs.add_bus(1);
  machine.daemons.follow("198.51.100.7", 2);
  machine.daemons.tracking->reference_time = machine.clock.now() - 60s;
  CHECK(rtc_may_enable(machine));
  machine.daemons.sources->front().reach = 0;
  CHECK_FALSE(rtc_may_enable(machine));
}

TEST_CASE("island mode is not enabled on a host that does not serve") {
  MonitoredHost machine{1};
  machine.daemons.follow("198.51.100.7", 2);
  machine.daemons.tracking->reference_time = machine.clock.now() - 60s;
  CHECK_FALSE(rtc_may_enable(machine));
}
