// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/publish.hpp"

#include "base/text.hpp"
#include "features/controller/findings.hpp"
#include "monitor/rows.hpp"
#include "probe/rows.hpp"
#include "publish/measures.hpp"
#include "site.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <tuple>

using namespace timectl;
using namespace timectl::monitor;
using namespace timectl::test;
using namespace std::chrono_literals;

namespace {

const std::string directory = "/var/lib/prometheus/node-exporter";
const std::string metrics_file = "/run/timectl/timectl.prom";

/// The text format, read strictly: heading before samples, one heading a metric, a number each.
std::map<std::string, double> parsed(const std::string& text) {
  const std::regex help{"# HELP ([a-z_]+) [A-Z].*\\."};
  const std::regex type{"# TYPE ([a-z_]+) gauge"};
  const std::regex sample{
      "([a-z_]+)(\\{(?:state|limit)=\"[a-z_]+\"\\})? (NaN|[+-]Inf|-?[0-9.e+-]+)"};
  std::map<std::string, double> samples;
  std::set<std::string> typed;
  REQUIRE(text.back() == '\n');
  for (const auto& line : lines_of(text)) {
    INFO(line);
    std::smatch part;
    if (std::regex_match(line, part, help)) {
      REQUIRE(typed.count(part[1]) == 0);
    } else if (std::regex_match(line, part, type)) {
      REQUIRE(typed.insert(part[1]).second);
    } else {
      REQUIRE(std::regex_match(line, part, sample));
      REQUIRE(typed.count(part[1]) == 1);
      REQUIRE(samples.emplace(part[1].str() + part[2].str(), std::stod(part[3])).second);
    }
  }
  return samples;
}

std::string content_at(const std::string& path) {
  std::ifstream file{path};
  REQUIRE(file);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string content_of(const std::string& path) { return content_at(TIMECTL_PACKAGING "/" + path); }

/// Every metric that there can be: of a host that has all.
std::set<std::string> published() {
  Client client;
  client.files.put_directory(directory);
  client.site.hosts[1].rtc = profile::RtcFeature{};
  client.tick();
  std::set<std::string> names;
  for (const auto& [name, value] : parsed(client.files.at(metrics_file))) {
    names.insert(name.substr(0, name.find('{')));
  }
  return names;
}

std::vector<std::string> ids(const std::vector<system::Event>& events) {
  std::vector<std::string> all;
  for (const auto& event : events) all.push_back(event.id);
  return all;
}

}  // namespace

TEST_CASE("the metrics of a good tick say what it saw") {
  Client client;
  client.files.put_directory(directory);
  client.tick();
  const auto samples = parsed(client.files.at(metrics_file));
  CHECK(samples.at("timectl_time_state{state=\"traceable\"}") == 1);
  CHECK(samples.at("timectl_time_state{state=\"wrong\"}") == 0);
  CHECK(samples.at("timectl_controller_power_saving") == 1);
  CHECK(samples.at("timectl_controller_recent_restarts") == 1);
  CHECK(samples.at("timectl_time_error_bound_seconds") < 0.1);
  CHECK(samples.at("timectl_monitor_last_check_timestamp_seconds") ==
        Approx(seconds_since_1970(client.clock.now())).margin(1));
  client.clock.advance(5s);
  client.tick();
  CHECK(parsed(client.files.at(metrics_file)).at("timectl_monitor_last_check_timestamp_seconds") -
            samples.at("timectl_monitor_last_check_timestamp_seconds") ==
        Approx(5).margin(1));
  CHECK(std::isinf(samples.at("timectl_time_limit_forecast_seconds")));
  CHECK(samples.count("timectl_rtc_ahead_seconds") == 0);  // main-pi has no RTC
}

TEST_CASE("the metrics of a host that has all are these bytes") {
  profile::Profile site;
  profile::Host host;
  host.rtc = profile::RtcFeature{};
  host.controller = profile::ControllerFeature{};
  Tick tick;
  tick.limits = profile::limits_of(site, host);
  tick.judgement = {quality::State::holdover, Seconds{0.0375}, ""};
  tick.offset_s = -1.2345e-05;
  tick.rtc_ahead_s = 0.25;
  tick.measured.frequency_ppm = -12.5;
  tick.drift_ppm = 1.75;
  tick.until_limit = Seconds{86400};
  tick.saving = true;
  State state;
  state.drift_margin_ppm = 0.5;
  state.restarts = {1s, 2s};
  state.ticked_at = WallTime{1793448000s + 600ms};
  CHECK(metrics_text(host, state, tick) == content_at(TIMECTL_MONITOR_TESTS "/all.prom"));
  host.rtc.reset();
  host.controller.reset();
  tick = {};
  tick.limits = profile::limits_of(site, host);
  tick.could_act = false;
  CHECK(metrics_text(host, {}, tick) == content_at(TIMECTL_MONITOR_TESTS "/bare.prom"));
}

TEST_CASE("the limits that alert rules compare with are the profile's") {
  Client client;
  client.files.put_directory(directory);
  client.site.hosts[1].client->root_distance_max = 2s;
  client.site.hosts[1].rtc = profile::RtcFeature{};
  client.site.hosts[1].monitor->interval = 600s;
  client.site.hosts[1].monitor->drift_warn_ppm = 7;
  client.tick();
  const auto samples = parsed(client.files.at(metrics_file));
  CHECK(samples.at("timectl_limit_seconds{limit=\"bound\"}") == 2);
  CHECK(samples.at("timectl_limit_seconds{limit=\"without_check\"}") == 3 * 610 + 90);
  CHECK(samples.at("timectl_limit_ratio{limit=\"rtc_drift_warn\"}") == Approx(7e-6));
  // A rule with a number of its own would go on comparing with that.
  const auto rules = content_of("prometheus/timectl.rules.yml");
  for (const auto& line : lines_of(rules)) {
    if (line.find("expr:") == std::string::npos) continue;
    INFO(line);
    CHECK(std::regex_search(
        line, std::regex{"== [01]$|limit=\"[a-z_]+\"\\}(\\[7d\\]\\).* \\+ 300\\))?$"}));
  }
}

TEST_CASE("the frequency of a clock and how well it is known are published where chronyd tells") {
  Server server;
  server.files.put_directory(directory);
  server.sources_arrive();
  server.daemons.tracking->frequency_ppm = -120;
  server.daemons.tracking->skew_ppm = 12;
  server.tick();
  const auto samples = parsed(server.files.at(metrics_file));
  CHECK(samples.at("timectl_clock_frequency_ratio") == Approx(-120e-6));
  CHECK(samples.at("timectl_clock_skew_ratio") == Approx(12e-6));
  CHECK(samples.at("timectl_limit_ratio{limit=\"frequency\"}") == Approx(100e-6));
  CHECK(samples.at("timectl_limit_ratio{limit=\"skew\"}") == Approx(10e-6));
  Client client;  // timesyncd reports no skew
  client.files.put_directory(directory);
  client.tick();
  CHECK(std::isnan(parsed(client.files.at(metrics_file)).at("timectl_clock_skew_ratio")));
}

TEST_CASE("an unknown bound and an offset that was not seen are numbers that Prometheus knows") {
  Client client;
  client.files.put_directory(directory);
  client.server_dies();
  client.daemons.timesync_state.reset();
  client.tick();
  const auto samples = parsed(client.files.at(metrics_file));
  CHECK(std::isinf(samples.at("timectl_time_error_bound_seconds")));
  CHECK(std::isnan(samples.at("timectl_time_offset_seconds")));
}

TEST_CASE("without node_exporter's directory no metrics are written, and a full one is a finding") {
  Client client;
  client.tick();
  CHECK_FALSE(client.files.has(metrics_file));
  client.files.put_directory(directory);
  client.tick();
  CHECK(client.files.has(metrics_file));
}

TEST_CASE("node_exporter finds a link, so that no tick writes to the disk, until it is withdrawn") {
  Client client;
  const system::RootedPath link{directory + "/timectl.prom"};
  client.files.put_directory(directory);
  client.files.put(link.text(), "as an older timectl wrote it\n");
  client.tick();
  CHECK(client.files.read_link(link) == metrics_file);
  CHECK(
      parsed(client.files.at(metrics_file)).count("timectl_monitor_last_check_timestamp_seconds"));
  withdraw_metrics(client.host, client.files);
  CHECK_FALSE(client.files.status(link));

  client.files.put(link.text(), "somebody else's\n");
  withdraw_metrics(client.host, client.files);
  CHECK(client.files.status(link));
}

TEST_CASE("an exporter that does not see /run gets a file of its own, until it is withdrawn") {
  Client client;
  const system::RootedPath file{directory + "/timectl.prom"};
  client.files.put_directory(directory);
  client.tick();
  client.site.hosts.at(1).monitor->textfile_link = false;
  client.tick();
  CHECK_FALSE(client.files.read_link(file));
  CHECK(client.files.at(file.text()) == client.files.at(metrics_file));
  client.site.hosts.at(1).monitor->textfile_link = true;
  client.tick();
  CHECK(client.files.read_link(file) == metrics_file);
  client.site.hosts.at(1).monitor->textfile_link = false;
  client.tick();
  withdraw_metrics(client.host, client.files);
  CHECK_FALSE(client.files.status(file));
}

TEST_CASE("alert rules and dashboard name only metrics that timectl publishes, and all are shown") {
  auto known = published();
  const std::regex word{"timectl_[a-z_]+"};
  std::set<std::string> used;
  for (const auto& measure : publish::measures) {
    if (measure.metric.former != nullptr) known.erase(measure.metric.former);
  }
  for (const auto* path : {"prometheus/timectl.rules.yml", "grafana/timectl.json"}) {
    const auto text = content_of(path);
    for (std::sregex_iterator each{text.begin(), text.end(), word}, end; each != end; ++each) {
      INFO(path << ": " << each->str());
      CHECK(known.count(each->str()) == 1);
      used.insert(each->str());
    }
  }
  CHECK(used == known);
}

TEST_CASE("an event is sent when something changes, and not again while it stays") {
  Client client;
  client.tick();
  REQUIRE(client.events.sent.size() == 2);
  CHECK(client.events.sent[0].message.find("the time is traceable now") == 0);
  CHECK(client.events.sent[1].message.find("controller.service may save power now") == 0);
  client.tick();
  CHECK(client.events.sent.size() == 2);
  client.server_dies();
  client.tick();
  REQUIRE(client.events.sent.size() == 4);
  CHECK(client.events.sent[2].priority == 4);
  CHECK(client.events.sent[3].message.find("does not save power now") != std::string::npos);
  CHECK(client.events.sent[2].id == client.events.sent[0].id);
}

TEST_CASE("putting power saving off is told once, with an id of its own") {
  Client client;
  int delayed = 0;
  for (int minute = 0; minute < 12; ++minute) {
    client.server_is(FakeNtpServer{});
    if (minute == 1 || minute == 3) client.server_dies();
    client.follow(server_address);
    delayed += client.tick().delayed ? 1 : 0;
    client.clock.advance(10s);
  }
  CHECK(delayed > 3);
  const auto sent = ids(client.events.sent);
  CHECK(std::count(sent.begin(), sent.end(), "00c913923074492e815885b4cbd5bfd4") == 1);
}

TEST_CASE("another finding of the controller's environment is no delay of power saving") {
  State before;
  Tick tick;
  tick.alerts = {std::string{features::row::controller_hold_off.name}};
  tick.findings = {
      {features::row::controller_environment, probe::Verdict::warning, "overridden", {}, "", ""},
      {features::row::controller_hold_off, probe::Verdict::warning, "put off", {}, "", ""}};
  FakeEventLog log;
  send_events(before, before, tick, log);
  REQUIRE(log.sent.size() == 1);
  CHECK(log.sent[0].message == "put off");
}

TEST_CASE("the catalog explains every id that is sent, and their fields") {
  const auto catalog = content_of("timectl.catalog");
  for (const auto* id : {"f5690fa2afdc4a3f88c33cbdd9d9e5b8", "1c2351e83dfc430a94ad2d6825b1acf6",
                         "cbe3ad7c1ba14caeaef23aa13894a642", "00c913923074492e815885b4cbd5bfd4"}) {
    CHECK(catalog.find(std::string{"-- "} + id + "\n") != std::string::npos);
  }
  Client client;
  client.tick();
  for (const auto& event : client.events.sent) {
    CHECK(catalog.find("-- " + event.id + "\n") != std::string::npos);
    for (const auto& [name, value] : event.fields) {
      CHECK(std::regex_match(name, std::regex{"[A-Z][A-Z_]*"}));
    }
  }
}

TEST_CASE("the metrics of power saving and of its level agree") {
  Client client;
  for (const auto& [saving, level, expected] :
       {std::tuple{false, 2, "0"}, {true, 0, "1"}, {true, 2, "2"}, {false, 0, "0"}}) {
    Tick tick;
    tick.saving = saving;
    tick.power_level = level;
    const auto text = metrics_text(client.host, {}, tick);
    CHECK(text.find(std::string{"\ntimectl_controller_power_level "} + expected + "\n") !=
          std::string::npos);
  }
}
