// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/monitor.hpp"
#include "monitored_services.hpp"
#include "profile/limits.hpp"
#include "site.hpp"
#include "support/catch.hpp"
#include "unit/probe/healthy_site.hpp"

#include <bit>
#include <cmath>
#include <functional>

// What goes wrong on sites, and what each check says of it: the state and the findings of verify
// and what monitor says, which is the same state and bound, beside ping, timedatectl, chronyc
// tracking, ntpmon and chrony_exporter, which mostly go on saying that all is well.

using namespace timectl;
using namespace timectl::probe;
using namespace timectl::test;
using namespace std::chrono_literals;

namespace {

using Findings = std::vector<std::pair<std::string, Verdict>>;

/// What the usual checks say; "" where a host has nothing to ask.
struct Usual {
  const char* ping;         ///< of the site's server, from a client
  const char* timedatectl;  ///< NTPSynchronized
  const char* tracking;     ///< chronyc tracking, Leap status
  const char* ntpmon = "";  ///< check_ntpmon, of the same chronyc sources
  /// The clock error of chrony_exporter's recording rule, held to what timectl warns of; it has no
  /// limit of its own.
  const char* exporter = "";
};

struct Scenario {
  const char* what;
  const char* host;
  std::function<void(HealthySite&)> happens;
  const char* state;
  Findings findings;
  Usual usual;
};

const system::Endpoint server = endpoint("192.168.4.2");

/// timesyncd's view after the server died: everything frozen, only the last reply gets older.
void server_died(HealthySite& site, std::chrono::seconds ago) {
  site.datagrams.put_status(server, system::ExchangeStatus::timed_out);
  site.daemons.timesync_state->message->destination = site.clock.now() - ago;
  // systemd-timesyncd lets the kernel's maximum error grow by 500 ppm from there: adjtimex(2).
  site.clock.discipline_.maximum_error = 500e-6 * Seconds{ago};
}

void server_is_island(HealthySite& site) {
  site.datagrams.put_server(server, FakeNtpServer::island());
  auto& message = *site.daemons.timesync_state->message;
  message.stratum = 10;
  message.reference_id = "7F7F0101";
}

/// chronyd set to island mode by hand or by a 'local' directive: everything it says is perfect.
void serves_its_own_clock(HealthySite& site) {
  auto& tracking = *site.daemons.tracking;
  tracking.reference_id = "7F7F0101";
  tracking.source = "127.127.1.1";
  tracking.stratum = 10;
  tracking.root_delay = tracking.root_dispersion = Seconds{};
  tracking.reference_time = site.clock.now();
  site.daemons.sources->front().state = '?';
  site.daemons.sources->front().reach = 0;
  site.datagrams.put_server(server, FakeNtpServer::island());
}

void battery_died(HealthySite& site) {
  site.rtcs.stop_oscillator();
  serves_its_own_clock(site);
}

void two_servers_disagree(HealthySite& site) {
  auto liar = site.daemons.sources->front();
  liar.name = "203.0.113.66";
  liar.state = 'x';
  site.daemons.sources->push_back(liar);
}

void reach_zero(HealthySite& site) {
  site.daemons.sources->front().reach = 0;
  site.daemons.tracking->reference_time = site.clock.now() - 40min;
}

void follows_fallback(HealthySite& site) {
  auto& state = *site.daemons.timesync_state;
  state.server_name = "0.debian.pool.ntp.org";
  state.server_address = "203.0.113.9";
  site.datagrams.put_status(server, system::ExchangeStatus::timed_out);
}

void follows_by_chrony(HealthySite& site, const std::string& source) {
  site.host().client->daemon = profile::ClientDaemon::chrony;
  site.services.put("chrony.service");
  site.processes.install("chronyd", 0, "");
  site.daemons.follow(source, 3);
  site.daemons.tracking->reference_time = site.clock.now() - 20s;
  site.datagrams.put_status(server, system::ExchangeStatus::timed_out);
}

void fallback_contradicts(HealthySite& site) {
  follows_fallback(site);
  FakeNtpServer astray;
  astray.ahead = 40s;
  site.datagrams.put_server(server, astray);
}

void muted_by_networkd(HealthySite& site) {
  site.services.put("systemd-networkd.service");
  site.files.put("/run/systemd/netif/state", "OPER_STATE=off\nCARRIER_STATE=no-carrier\n");
  site.daemons.timesync_state->server_address = "";
  site.daemons.timesync_state->message.reset();
}

/// The old script's drop-in was written once and never taken back: it hides the one in /run.
void drop_in_frozen(HealthySite& site) {
  server_died(site, 2h);
  site.files.put("/etc/systemd/system/controller.service.d/ntp-environment.conf",
                 "[Service]\nEnvironment=CONSERVE_POWER=1\n");
}

void outside_allow_list(HealthySite& site) {
  site.processes.install("chronyc", 0, "209 Access denied\n");
}

void firewall_closed(HealthySite& site) {
  site.processes.install("nft", 0,
                         "table inet filter {\n\tchain input {\n"
                         "\t\ttype filter hook input priority filter; policy drop;\n"
                         "\t\ttcp dport 22 accept\n\t}\n}\n");
}

const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> all{
      {"the server died 2 minutes ago",
       "main-pi",
       [](auto& s) { server_died(s, 2min); },
       "holdover",
       {{"ntp.reply", Verdict::failed}, {"timesync.server", Verdict::ok}},
       {"down", "yes", ""}},
      {"chronyd died 40 minutes ago on a server that is up",
       "main-pi",
       [](auto& s) {
         server_died(s, 40min);
         s.datagrams.put_status(server, system::ExchangeStatus::refused);
       },
       "unsynchronized",
       {{"ntp.reply", Verdict::failed}, {"timesync.server", Verdict::failed}},
       {"up", "yes", ""}},
      {"chronyd died 10 hours ago on a server that is up",
       "main-pi",
       [](auto& s) { server_died(s, 10h); },
       "unsynchronized",
       {{"ntp.reply", Verdict::failed}, {"timesync.server", Verdict::failed}},
       {"up", "no", ""}},
      {"the site is an island since boot, seen from a client",
       "main-pi",
       server_is_island,
       "island",
       {{"time.quality", Verdict::warning}, {"ntp.reply", Verdict::ok}},
       {"up", "yes", ""}},
      {"the site is an island since boot, seen from its server",
       "pi-ntp",
       serves_its_own_clock,
       "rtc_only",
       {{"time.quality", Verdict::warning}, {"chrony.sync", Verdict::warning}},
       {"up", "yes", "Normal", "critical", "ok"}},
      {"the server serves 1986",
       "main-pi",
       [](auto& s) {
         auto old = FakeNtpServer::island();
         old.ahead = -std::chrono::days{40 * 365};
         s.datagrams.put_server(server, old);
         s.clock.set(WallTime{} + std::chrono::days{16 * 365});
         s.daemons.timesync_state->message->destination = s.clock.now() - 12s;
       },
       "wrong",
       {{"time.quality", Verdict::failed}, {"ntp.reply", Verdict::failed}},
       {"up", "yes", ""}},
      {"the RTC's battery died",
       "pi-ntp",
       battery_died,
       "unsynchronized",
       {{"time.quality", Verdict::failed},
        {"rtc.time", Verdict::failed},
        {"chrony.sync", Verdict::warning}},
       {"up", "yes", "Normal", "critical", "ok"}},
      {"the board's own clock is rtc0",
       "pi-ntp",
       [](auto& s) {
         s.rtcs = FakeRtcs{s.clock};
         s.rtcs.add_platform_rtc("rpi-rtc");
         s.rtcs.bind(1, 0x68, "ds3231");
       },
       "traceable",
       {{"rtc.kernel", Verdict::warning}, {"rtc.time", Verdict::ok}},
       {"up", "yes", "Normal", "ok", "ok"}},
      {"one of the sources is a falseticker",
       "pi-ntp",
       two_servers_disagree,
       "traceable",
       {{"chrony.sync", Verdict::warning}},
       {"up", "yes", "Normal", "ok", "ok"}},
      {"the source is unreachable (reach 0) and tracking says Normal",
       "pi-ntp",
       reach_zero,
       "holdover",
       {{"time.quality", Verdict::warning}, {"chrony.sync", Verdict::warning}},
       {"up", "yes", "Normal", "critical", "ok"}},
      {"the fallback is in use",
       "main-pi",
       follows_fallback,
       "traceable",
       {{"timesync.server", Verdict::warning}, {"ntp.reply", Verdict::failed}},
       {"up", "yes", ""}},
      {"a chrony client whose server is silent goes by a fallback",
       "main-pi",
       [](auto& s) { follows_by_chrony(s, "203.0.113.9"); },
       "traceable",
       {{"chrony.sync", Verdict::warning}, {"ntp.reply", Verdict::failed}},
       {"down", "yes", "Normal", "ok", "ok"}},
      {"the server of a chrony client is silent for 20 s",
       "main-pi",
       [](auto& s) { follows_by_chrony(s, "192.168.4.2"); },
       "holdover",
       {{"time.quality", Verdict::warning}, {"ntp.reply", Verdict::failed}},
       {"down", "yes", "Normal", "ok", "ok"}},
      {"the fallback and the server contradict each other",
       "main-pi",
       fallback_contradicts,
       "wrong",
       {{"time.quality", Verdict::failed}, {"ntp.reply", Verdict::failed}},
       {"up", "yes", ""}},
      {"a second daemon holds port 123",
       "pi-ntp",
       [](auto& s) { s.network.listen("0.0.0.0", 123, "ntpd", 800); },
       "traceable",
       {{"ntp.port", Verdict::failed}, {"owners", Verdict::failed}},
       {"up", "yes", "Normal", "ok", "ok"}},
      {"the server's firewall keeps clients out",
       "pi-ntp",
       firewall_closed,
       "traceable",
       {{"ntp.access", Verdict::warning}, {"ntp.reply", Verdict::ok}},
       {"up", "yes", "Normal", "ok", "ok"}},
      {"a client is outside of the allow list",
       "pi-ntp",
       outside_allow_list,
       "traceable",
       {{"ntp.access", Verdict::failed}, {"ntp.reply", Verdict::ok}},
       {"up", "yes", "Normal", "ok", "ok"}},
      {"timesyncd is muted by networkd",
       "main-pi",
       muted_by_networkd,
       "unsynchronized",
       {{"timesync.server", Verdict::failed}, {"ntp.reply", Verdict::ok}},
       {"up", "yes", ""}},
      {"a drop-in of the old script is frozen",
       "main-pi",
       drop_in_frozen,
       "unsynchronized",
       {{"controller.environment", Verdict::failed}, {"timesync.server", Verdict::failed}},
       {"up", "yes", ""}},
  };
  return all;
}

monitor::Tick check_once(HealthySite& site) {
  MonitoredServices managed{site.files};
  FakeEventLog events;
  const probe::Ports readers{site.files, site.services,  site.processes, site.clock,
                             site.rtcs,  site.datagrams, site.network,   site.daemons};
  const monitor::Ports ports{readers, site.files, managed, site.daemons, site.rtcs, events};
  return monitor::run_tick(site.profile, site.host(), ports, features::steps(),
                           monitor::DryRun::yes);
}

/// ntpmon 3.0's sync, reach and offset, as its classifier has them. Without its number of peers,
/// which calls each host with one source critical.
std::string ntpmon_says(const HealthySite& site) {
  const auto& sources = *site.daemons.sources;
  double reach = 0;
  double offset = 0;
  int survivors = 0;
  bool is_in_sync = false;
  for (const auto& source : sources) {
    reach += 100.0 * std::popcount(source.reach) / 8 / static_cast<double>(sources.size());
    is_in_sync = is_in_sync || source.state == '*';
    if (source.state != '*' && source.state != '+') continue;
    offset += source.offset.count();
    ++survivors;
  }
  if (survivors > 0) offset = std::abs(offset / survivors);
  if (!is_in_sync || reach <= 50 || offset >= 0.05) return "critical";
  return reach <= 75 || offset >= 0.01 ? "warning" : "ok";
}

std::string exporter_says(const HealthySite& site) {
  const auto& tracking = *site.daemons.tracking;
  const Seconds error = Seconds{std::abs(tracking.last_offset.count())} + tracking.root_dispersion +
                        tracking.root_delay / 2;
  return error < profile::Limits{}.bound_warn ? "ok" : "over";
}

/// As timedated does since systemd 243: less than 16 s, whatever the cause.
std::string timedatectl_says(const HealthySite& site) {
  return site.clock.discipline().maximum_error < Seconds{16} ? "yes" : "no";
}

}  // namespace

TEST_CASE("each trouble of a site has its state and its findings, whatever the usual checks say") {
  for (const auto& scenario : scenarios()) {
    HealthySite site{scenario.host};
    scenario.happens(site);
    const auto findings = site.ask_all();
    INFO(scenario.what << ", with ping saying " << scenario.usual.ping);
    const auto quality = findings.front();
    INFO(quality.summary << ": " << quality.cause);
    REQUIRE(quality.probe.text() == "time.quality");
    CHECK(text_of(quality, "state") == scenario.state);
    for (const auto& finding : findings) {
      INFO(finding.probe.text() << ": " << to_string(finding.verdict));
      CHECK_FALSE(meaning_of(finding.probe.row(), finding.verdict).empty());
    }
    for (const auto& [probe, verdict] : scenario.findings) {
      const auto found =
          std::find_if(findings.begin(), findings.end(),
                       [&, &name = probe](auto& each) { return each.probe.text() == name; });
      REQUIRE(found != findings.end());
      INFO(found->probe.text() << ": " << found->summary << "; " << found->cause);
      CHECK(to_string(found->verdict) == to_string(verdict));
    }
    CHECK(timedatectl_says(site) == scenario.usual.timedatectl);
    if (!site.daemons.tracking) continue;
    CHECK(site.daemons.tracking->leap == scenario.usual.tracking);
    CHECK(ntpmon_says(site) == scenario.usual.ntpmon);
    CHECK(exporter_says(site) == scenario.usual.exporter);
  }
}

TEST_CASE("of each trouble of a site verify and monitor say the same state and bound") {
  for (const auto& scenario : scenarios()) {
    HealthySite site{scenario.host};
    scenario.happens(site);
    INFO(scenario.what);
    const auto finding = site.ask("time.quality");
    const auto tick = check_once(site);
    CHECK(to_string(tick.judgement.state) == scenario.state);
    CHECK(text_of(finding, "state") == scenario.state);
    const double bound = tick.judgement.bound.count();
    CHECK((text_of(finding, "bound_s") != "absent") == std::isfinite(bound));
    // What passes between the two checks makes a bound a little larger.
    if (std::isfinite(bound)) CHECK(number_of(finding, "bound_s") == Approx(bound).margin(0.001));
  }
}

TEST_CASE("no scenario leaves a host without a finding that is not ok") {
  for (const auto& scenario : scenarios()) {
    HealthySite site{scenario.host};
    scenario.happens(site);
    INFO(scenario.what);
    CHECK(worst(site.ask_all()) > Verdict::ok);
  }
}

TEST_CASE("UTC and the island are two numbers, on the server and on the client") {
  const auto client = HealthySite{"main-pi"}.ask("time.quality");
  CHECK(number_of(client, "error_to_island_s") < number_of(client, "error_to_utc_s"));
  HealthySite island{"main-pi"};
  server_is_island(island);
  const auto lost = island.ask("time.quality");
  CHECK(text_of(lost, "error_to_utc_s") == "absent");
  CHECK(number_of(lost, "error_to_island_s") < 0.01);
  CHECK(lost.summary.starts_with("island: UTC to an unknown span, the site's clock to "));
  HealthySite server_alone{"pi-ntp"};
  serves_its_own_clock(server_alone);
  const auto own = server_alone.ask("time.quality");
  CHECK(number_of(own, "error_to_utc_s") > 1);
  CHECK(number_of(own, "error_to_island_s") == 0);
}

TEST_CASE("a server that follows another one, itself an island, never heard UTC") {
  HealthySite site{"pi-ntp"};
  auto other = site.profile.hosts.front();
  other.name = "pi-ntp-2";
  other.addresses = {{"", IpAddress::parse("192.168.4.3").value()}};
  site.profile.hosts.push_back(other);
  site.daemons.follow("192.168.4.3", 3);
  site.daemons.tracking->reference_time = site.clock.now() - 20s;
  const auto by_address = site.ask("time.quality");
  CHECK(text_of(by_address, "state") == "rtc_only");
  site.rtcs.stop_oscillator();
  CHECK(text_of(site.ask("time.quality"), "state") == "unsynchronized");
  CHECK(text_of(site.ask("time.quality"), "error_to_utc_s") == "absent");
  // An island under an address the profile does not have, which shows by the stratum it serves
  // with.
  site.daemons.follow("192.168.4.77", 10);
  site.daemons.tracking->reference_time = site.clock.now() - 20s;
  CHECK(text_of(site.ask("time.quality"), "state") == "unsynchronized");
}

TEST_CASE("a server that has its RTC alone does not know its time while a program holds that") {
  HealthySite site{"pi-ntp"};
  serves_its_own_clock(site);
  site.rtcs.set_health(system::RtcHealth::busy);
  CHECK(site.ask("time.quality").verdict == Verdict::unknown);
  site.rtcs.set_health(system::RtcHealth::not_answering);
  CHECK(site.ask("time.quality").verdict == Verdict::failed);
}

TEST_CASE("a live source that chronyd is 3 s sure of is not held over to 10 ms") {
  HealthySite site{"pi-ntp"};
  site.daemons.tracking->root_dispersion = Seconds{3};
  CHECK(number_of(site.ask("time.quality"), "error_to_utc_s") >= 3);
}

TEST_CASE("an island is as it should be where the profile gives the server no sources") {
  HealthySite site{"main-pi"};
  server_is_island(site);
  site.profile.hosts[0].sources.reset();
  CHECK(site.ask("time.quality").verdict == Verdict::ok);
}

TEST_CASE("a client whose daemon has just started is told to wait, not that all is lost") {
  HealthySite site{"main-pi"};
  site.daemons.timesync_state->message.reset();
  started(site, 20s);
  const auto finding = site.ask("time.quality");
  CHECK(finding.verdict == Verdict::pending);
  CHECK(finding.cause.ends_with(
      "it waits for the first samples of systemd-timesyncd.service, at most 100 s more"));
  CHECK(finding.remedy == "timectl verify --wait 2m");
  REQUIRE(finding.waits_for);
  CHECK(finding.waits_for->at_most.value().count() == Approx(100));
}

TEST_CASE("a daemon whose server does not answer is waited for two minutes, not ten") {
  HealthySite site{"main-pi"};
  site.daemons.timesync_state->message.reset();
  site.datagrams.put_status(server, system::ExchangeStatus::timed_out);
  started(site, 119s);
  CHECK(site.ask("time.quality").verdict == Verdict::pending);
  started(site, 121s);
  CHECK(site.ask("time.quality").verdict == Verdict::failed);
}

TEST_CASE("a daemon that hears its server and does not go by it for long is not waited for") {
  HealthySite client{"main-pi"};
  client.daemons.timesync_state->message.reset();
  started(client, 11min);
  CHECK(client.ask("time.quality").verdict == Verdict::failed);
  client.files.put("/proc/321/stat", "nonsense");  // an hour since boot
  CHECK(client.ask("time.quality").verdict == Verdict::failed);
  HealthySite server_host{"pi-ntp"};
  server_host.rtcs.stop_oscillator();
  server_host.daemons.tracking->leap = "Not synchronised";
  started(server_host, 9min);
  CHECK(server_host.ask("time.quality").verdict == Verdict::pending);
  started(server_host, 11min);
  CHECK(server_host.ask("time.quality").verdict == Verdict::failed);
}

TEST_CASE("a daemon that runs and does not answer is no proof of a lost time: it is unknown") {
  HealthySite client{"main-pi"};
  client.daemons.timesync_state.reset();
  const auto finding = client.ask("time.quality");
  CHECK(finding.verdict == Verdict::unknown);
  CHECK(finding.summary == "timesyncd runs, and cannot be asked");
  client.services.put("systemd-timesyncd.service").state.active_state = "inactive";
  CHECK(text_of(client.ask("time.quality"), "state") == "unsynchronized");
  HealthySite server_host{"pi-ntp"};
  server_host.daemons.tracking.reset();
  CHECK(server_host.ask("time.quality").verdict == Verdict::unknown);
}

TEST_CASE("a server whose chronyd is dead does not serve, however right its RTC is") {
  HealthySite site{"pi-ntp"};
  site.profile.hosts[0].sources.reset();  // an island by design
  site.daemons.tracking.reset();
  site.daemons.sources.reset();
  site.network = FakeNetwork{};
  site.services.put("chrony.service").state.active_state = "failed";
  const auto finding = site.ask("time.quality");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary == "chronyd does not run");
}
