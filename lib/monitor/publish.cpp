// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/publish.hpp"

#include "base/error.hpp"
#include "monitor/memory.hpp"
#include "monitor/rows.hpp"
#include "publish/document.hpp"
#include "publish/measures.hpp"
#include "publish/prometheus.hpp"
#include "system/replace_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace timectl::monitor {

namespace {

// journalctl MESSAGE_ID=… finds all of a kind; they never change.
constexpr auto state_changed = "f5690fa2afdc4a3f88c33cbdd9d9e5b8";
constexpr auto power_saving_changed = "1c2351e83dfc430a94ad2d6825b1acf6";
constexpr auto alert_began = "cbe3ad7c1ba14caeaef23aa13894a642";

using Fields = std::vector<std::pair<std::string, std::string>>;

Fields fields_of(const Tick& tick) {
  return {{"TIMECTL_STATE", quality::to_string(tick.judgement.state)},
          {"TIMECTL_BOUND", publish::prometheus_number(tick.judgement.bound.count())},
          {"TIMECTL_REASON", tick.judgement.reason},
          {"TIMECTL_SAVING", tick.saving ? "1" : "0"}};
}

void report_state(const State& before, const State& after, const Tick& tick,
                  system::EventLog& events) {
  if (before.quality == after.quality) return;
  auto fields = fields_of(tick);
  fields.emplace_back("TIMECTL_STATE_BEFORE", before.quality);
  const bool good = tick.judgement.state == quality::State::traceable;
  events.send({state_changed, good ? 5 : 4,
               fmt::format("the time is {} now: {}", after.quality, tick.judgement.reason),
               fields});
}

void report_power_saving(const State& before, const State& after, const Tick& tick,
                         system::EventLog& events) {
  if (before.given == after.given) return;
  auto fields = fields_of(tick);
  fields.emplace_back("UNIT", after.controller);
  events.send(
      {power_saving_changed, 5,
       fmt::format("{} {} now: {}", after.controller, saving_in_words(tick), tick.judgement.reason),
       fields});
}

bool has(const std::vector<std::string>& alerts, std::string_view alert) {
  return std::find(alerts.begin(), alerts.end(), alert) != alerts.end();
}

void report_findings(const State& before, const Tick& tick, system::EventLog& events) {
  for (const auto& finding : tick.findings) {
    const auto name = finding.probe.text();
    const bool is_new = has(tick.alerts, name) && !has(before.alerts, name);
    if (!is_new) continue;
    auto fields = fields_of(tick);
    fields.emplace_back("TIMECTL_ALERT", name);
    const auto own = finding.probe.row().message_id;
    events.send({std::string{own.empty() ? alert_began : own},
                 finding.verdict == probe::Verdict::failed ? 2 : 4, finding.summary, fields});
  }
}

// On tmpfs: written each minute where node_exporter reads, it would be most of what an SD card
// gets to write.
system::RootedPath metrics_path() { return system::RootedPath{"/run/timectl/timectl.prom"}; }

profile::MonitorFeature rules_of(const profile::Host& host) {
  return host.monitor.value_or(profile::MonitorFeature{});
}

system::RootedPath link_of(const profile::Host& host) {
  return system::RootedPath{rules_of(host).textfile_directory} / "timectl.prom";
}

/// "/srv", "/srv/metrics".
std::vector<system::RootedPath> paths_down_to(const system::RootedPath& directory) {
  std::vector<system::RootedPath> paths;
  for (auto path = directory; path.text() != "/"; path = path.parent()) paths.push_back(path);
  std::reverse(paths.begin(), paths.end());
  return paths;
}

void write_metrics(const profile::Host& host, const State& state, const Ports& ports,
                   const Tick& tick) {
  publish::write_document(ports.files, check_of(host, state, tick), publish::measures);
  if (!ports.files.status(link_of(host).parent())) return;
  const auto text = metrics_text(host, state, tick);
  system::replace_file(ports.files, metrics_path(), text);
  const auto link = link_of(host);
  if (!rules_of(host).textfile_link) return system::replace_file(ports.files, link, text);
  if (ports.files.read_link(link) == metrics_path().text()) return;
  ports.files.stage_link(link, metrics_path().text());
  ports.files.swap_in(link);
}

}  // namespace

publish::Check check_of(const profile::Host& host, const State& state, const Tick& tick) {
  publish::Check check{host, tick.limits, seen_by(tick)};
  check.until_limit_s =
      tick.until_limit ? tick.until_limit->count() : std::numeric_limits<double>::infinity();
  if (tick.drift_ppm) {
    check.rtc_drift_ppm = *tick.drift_ppm;
    check.rtc_drift_margin_ppm = state.drift_margin_ppm;
  }
  check.power_level = tick.saving ? std::max(tick.power_level.value_or(1), 1) : 0;
  check.saving_delayed = tick.delayed;
  check.recent_restarts = static_cast<double>(state.restarts.size());
  check.acted = tick.could_act;
  check.checked_at_s = std::floor(seconds_since_1970(state.ticked_at));
  return check;
}

std::string metrics_text(const profile::Host& host, const State& state, const Tick& tick) {
  return publish::prometheus_text(check_of(host, state, tick), publish::measures);
}

void send_events(const State& before, const State& after, const Tick& tick,
                 system::EventLog& events) {
  report_state(before, after, tick, events);
  report_power_saving(before, after, tick, events);
  report_findings(before, tick, events);
}

void publish(const profile::Host& host, const State& before, const State& after, const Ports& ports,
             Tick& tick) {
  send_events(before, after, tick, ports.events);
  try {
    write_metrics(host, after, ports, tick);
  } catch (const Error& error) {
    tick.findings.push_back({row::monitor_metrics,
                             probe::Verdict::warning,
                             "the metrics could not be written",
                             {},
                             error.what(),
                             error.hint()});
  }
}

std::optional<MetricsObstacle> find_metrics_obstacle(const profile::Host& host,
                                                     const system::FileReader& files) {
  if (!host.monitor) return std::nullopt;
  const auto directory = link_of(host).parent();
  const auto place = [&](const std::string& path) {
    return path == directory.text()
               ? fmt::format("'{}'", path)
               : fmt::format("'{}' on the way to '{}'", path, directory.text());
  };
  constexpr auto another = "set textfile_directory of monitor to another directory";
  // Root's links, and those of whose tree it is: a tree below --root may be an ordinary user's.
  const auto top = files.status(system::RootedPath{"/"});
  for (const auto& path : paths_down_to(directory)) {
    const auto status = files.status(path);
    if (!status) return std::nullopt;
    const auto owner = status->ownership.uid;
    if (status->type == system::FileType::directory) continue;
    if (status->type != system::FileType::symlink) {
      return MetricsObstacle{
          fmt::format("metrics cannot be written: {} is not a directory", place(path.text())),
          another};
    }
    if (owner == 0 || (top && owner == top->ownership.uid)) continue;
    return MetricsObstacle{
        fmt::format("metrics cannot be written: {} is a link of uid {}, and root "
                    "does not follow it",
                    place(path.text()), owner),
        fmt::format("{} that no other user can exchange", another)};
  }
  return std::nullopt;
}

void withdraw_metrics(const profile::Host& host, system::FileStore& files) {
  const auto link = link_of(host);
  const auto status = files.status(link);
  const bool is_copy =
      status && status->type == system::FileType::regular && !rules_of(host).textfile_link;
  if (is_copy || files.read_link(link) == metrics_path().text()) files.remove(link);
}

}  // namespace timectl::monitor
