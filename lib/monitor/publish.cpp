// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/publish.hpp"

#include "base/error.hpp"
#include "monitor/rows.hpp"
#include "system/replace_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace timectl::monitor {

namespace {

// journalctl MESSAGE_ID=… finds all of a kind; they never change.
constexpr auto state_changed = "f5690fa2afdc4a3f88c33cbdd9d9e5b8";
constexpr auto gate_changed = "1c2351e83dfc430a94ad2d6825b1acf6";
constexpr auto alert_began = "cbe3ad7c1ba14caeaef23aa13894a642";
constexpr auto saving_delayed = "00c913923074492e815885b4cbd5bfd4";

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);  // as many digits as a time since 1970 needs
}

/// A metric in the making: its heading once, then its samples.
class Metrics {
 public:
  void gauge(const std::string& name, const std::string& help, double value) {
    heading(name, help);
    text_ += fmt::format("{} {}\n", name, number(value));
  }
  void heading(const std::string& name, const std::string& help) {
    text_ += fmt::format("# HELP {} {}\n# TYPE {} gauge\n", name, help, name);
  }
  /// A limit that alert rules compare with.
  void limit(const std::string& name, const std::string& limit, double value) {
    text_ += fmt::format("{}{{limit=\"{}\"}} {}\n", name, limit, number(value));
  }
  void labelled(const std::string& name, const std::string& label, const std::string& value,
                bool is_so) {
    text_ += fmt::format("{}{{{}=\"{}\"}} {}\n", name, label, value, is_so ? 1 : 0);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

void add_controller(const State& state, const Tick& tick, Metrics& metrics) {
  metrics.gauge("timectl_controller_power_saving", "Whether the controller is told to save power.",
                tick.saving ? 1 : 0);
  metrics.gauge("timectl_controller_power_level",
                "The step of power saving that the controller is told; 0 when it saves none.",
                tick.power_level.value_or(tick.saving ? 1 : 0));
  metrics.gauge("timectl_controller_power_saving_delayed",
                "Whether power saving is justified and put off because the server comes and goes.",
                tick.delayed ? 1 : 0);
  metrics.gauge("timectl_controller_recent_restarts",
                "Restarts of the controller by timectl that still count against the cap.",
                static_cast<double>(state.restarts.size()));
}

/// What the time is held to, so that an alert rule has no numbers of its own.
void add_limits(const profile::Host& host, const profile::Limits& limits, Metrics& metrics) {
  constexpr auto seconds = "timectl_limit_seconds";
  metrics.heading(seconds, "What the time and the monitor are held to, by the profile.");
  metrics.limit(seconds, "bound", limits.bound.count());
  metrics.limit(seconds, "bound_warn", limits.bound_warn.count());
  metrics.limit(seconds, "bound_critical", limits.bound_critical.count());
  metrics.limit(seconds, "rtc_reading", limits.rtc_reading.count());
  metrics.limit(seconds, "forecast", limits.forecast.count());
  metrics.limit(seconds, "without_check", Seconds{limits.longest_without_check}.count());
  constexpr auto ratio = "timectl_limit_ratio";
  metrics.heading(ratio, "How fast clocks may run off before it is worth an alert.");
  metrics.limit(ratio, "frequency", limits.frequency_warn_ppm * 1e-6);
  metrics.limit(ratio, "skew", limits.skew_warn_ppm * 1e-6);
  if (!host.rtc) return;
  metrics.limit(ratio, "rtc_drift_warn", limits.drift_warn_ppm * 1e-6);
  metrics.limit(ratio, "rtc_drift_critical", limits.drift_critical_ppm * 1e-6);
}

using Fields = std::vector<std::pair<std::string, std::string>>;

Fields fields_of(const Tick& tick) {
  return {{"TIMECTL_STATE", quality::to_string(tick.judgement.state)},
          {"TIMECTL_BOUND", number(tick.judgement.bound.count())},
          {"TIMECTL_REASON", tick.judgement.reason},
          {"TIMECTL_SAVING", tick.saving ? "1" : "0"}};
}

void tell_state(const State& before, const State& after, const Tick& tick,
                system::EventLog& events) {
  if (before.quality == after.quality) return;
  auto fields = fields_of(tick);
  fields.emplace_back("TIMECTL_STATE_BEFORE", before.quality);
  const bool good = tick.judgement.state == quality::State::traceable;
  events.send({state_changed, good ? 5 : 4,
               fmt::format("the time is {} now: {}", after.quality, tick.judgement.reason),
               fields});
}

void tell_gate(const State& before, const State& after, const Tick& tick,
               system::EventLog& events) {
  if (before.given == after.given) return;
  auto fields = fields_of(tick);
  fields.emplace_back("UNIT", after.controller);
  events.send(
      {gate_changed, 5,
       fmt::format("{} {} now: {}", after.controller, saving_in_words(tick), tick.judgement.reason),
       fields});
}

bool has(const std::vector<std::string>& alerts, std::string_view alert) {
  return std::find(alerts.begin(), alerts.end(), alert) != alerts.end();
}

void tell_findings(const State& before, const Tick& tick, system::EventLog& events) {
  for (const auto& finding : tick.findings) {
    const auto name = finding.probe.text();
    const bool is_new = has(tick.alerts, name) && !has(before.alerts, name);
    if (!is_new) continue;
    auto fields = fields_of(tick);
    fields.emplace_back("TIMECTL_ALERT", name);
    const bool calm = finding.probe == row::controller_calm;
    events.send({calm ? saving_delayed : alert_began,
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
  if (!ports.files.status(link_of(host).parent())) return;
  system::replace_file(ports.files, metrics_path(), metrics_text(host, state, tick));
  const auto link = link_of(host);
  if (ports.files.read_link(link) == metrics_path().text()) return;
  ports.files.stage_link(link, metrics_path().text());
  ports.files.swap_in(link);
}

}  // namespace

std::string metrics_text(const profile::Host& host, const State& state, const Tick& tick) {
  Metrics metrics;
  metrics.heading("timectl_time_state", "Whose time it is: 1 for the state it is in.");
  for (const auto each : quality::all_states) {
    metrics.labelled("timectl_time_state", "state", quality::to_string(each),
                     each == tick.judgement.state);
  }
  metrics.gauge("timectl_time_error_bound_seconds", "How far the time can be off.",
                tick.judgement.bound.count());
  metrics.gauge("timectl_time_offset_seconds", "How far the system clock is slow of its source.",
                tick.offset_s);
  metrics.gauge(
      "timectl_time_limit_forecast_seconds",
      "Until the bound passes the limit if it goes on growing; +Inf when it does not grow.",
      tick.until_limit ? tick.until_limit->count() : std::numeric_limits<double>::infinity());
  metrics.gauge("timectl_clock_frequency_ratio",
                "How fast the system clock would gain without its correction.",
                tick.measured.frequency_ppm * 1e-6);
  metrics.gauge("timectl_clock_skew_ratio", "How far that frequency can be off.",
                tick.measured.skew_ppm * 1e-6);
  if (host.rtc) {
    metrics.gauge("timectl_rtc_ahead_seconds", "How far the RTC is ahead of the system clock.",
                  tick.rtc_ahead_s);
    metrics.gauge("timectl_rtc_drift_ratio", "How fast the RTC gains on the system clock.",
                  tick.drift_ppm ? *tick.drift_ppm * 1e-6 : std::nan(""));
    metrics.gauge("timectl_rtc_drift_margin_ratio", "How well that is known: two standard errors.",
                  tick.drift_ppm ? state.drift_margin_ppm * 1e-6 : std::nan(""));
  }
  add_limits(host, tick.limits, metrics);
  if (host.controller) add_controller(state, tick, metrics);
  metrics.gauge("timectl_monitor_acted", "Whether the last tick could do all that it had to.",
                tick.could_act ? 1 : 0);
  metrics.gauge("timectl_monitor_last_tick_timestamp_seconds", "When the last tick was.",
                std::floor(seconds_since_1970(state.ticked_at)));
  return metrics.text();
}

void send_events(const State& before, const State& after, const Tick& tick,
                 system::EventLog& events) {
  tell_state(before, after, tick, events);
  tell_gate(before, after, tick, events);
  tell_findings(before, tick, events);
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
  if (files.read_link(link) == metrics_path().text()) files.remove(link);
}

}  // namespace timectl::monitor
