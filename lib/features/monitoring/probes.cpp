// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "features/monitoring/findings.hpp"
#include "features/monitoring/rows.hpp"
#include "probe/asks.hpp"

#include <fmt/format.h>

#include <limits>

/// monitor.timer.
namespace timectl::features {

using namespace probe;

namespace {

constexpr auto timer_unit = "timectl-monitor.timer";
constexpr auto service_unit = "timectl-monitor.service";

/// When the timer elapsed last and will next, by the clock that stands still while the host
/// sleeps (CLOCK_MONOTONIC); nullopt: never, or not known.
struct Elapses {
  std::optional<Seconds> last;
  std::optional<Seconds> next;
  bool are_known = false;  ///< systemd said so, be it that there are none
};

/// "t 1234567": busctl's words for microseconds. 0 and the largest number stand for never.
std::optional<Seconds> microseconds_in(const std::string& line) {
  const auto words = words_of(line);
  if (words.size() != 2 || words[0] != "t") return std::nullopt;
  const auto count = to_integer(words[1]);
  if (!count || *count <= 0) return std::nullopt;
  return Seconds{static_cast<double>(*count) * 1e-6};
}

Elapses read_elapses(const Ports& ports) {
  if (!ports.processes.find("busctl")) return {};
  const auto result =
      ports.processes.run({.program = "busctl",
                           .arguments = {"--timeout=5s", "get-property", "org.freedesktop.systemd1",
                                         "/org/freedesktop/systemd1/unit/timectl_2dmonitor_2etimer",
                                         "org.freedesktop.systemd1.Timer",
                                         "LastTriggerUSecMonotonic", "NextElapseUSecMonotonic"},
                           .input = {},
                           .environment = {}});
  const auto lines = lines_of(result.output);
  if (!result.succeeded() || lines.size() < 2) return {};
  return {microseconds_in(lines[0]), microseconds_in(lines[1]), true};
}

/// The last run is older than power saving outlives it, and the next is not near.
bool is_stale(const Elapses& elapses, const profile::MonitorFeature& monitor, Seconds now) {
  const Seconds tick = monitor.interval + monitor.random_delay;
  const Seconds borne = profile::longest_without_tick(monitor);
  const auto last = elapses.last.value_or(Seconds{monitor.boot_delay});
  const bool is_due = elapses.next && *elapses.next + tick > now;
  return now - last > borne && !is_due;
}

void add_elapses(const Elapses& elapses, Seconds now, Evidence& evidence) {
  if (elapses.last) evidence.emplace_back("last_run_age_s", (now - *elapses.last).count());
  if (elapses.next) evidence.emplace_back("next_run_s", (*elapses.next - now).count());
}

std::string describe_last_run(const Elapses& elapses, Seconds now) {
  if (!elapses.last) return "the monitor runs, and its last run succeeded";
  return fmt::format("the monitor's last run was {} ago and succeeded",
                     format_span(std::chrono::round<std::chrono::seconds>(now - *elapses.last)));
}

/// A mask takes the place of timectl's own unit file, so that unmasking leaves no timer at all.
Finding masked(Evidence evidence) {
  return failed(
      {fmt::format("{} is masked", timer_unit),
       "nothing can start it, and the time of this host is not monitored", "timectl provision"},
      std::move(evidence));
}

Finding not_watching(const system::UnitState& timer, Evidence evidence) {
  return failed(
      {fmt::format("{} is {} and {}", timer_unit, timer.unit_file_state, timer.active_state),
       "the time of this host is not monitored", "systemctl enable --now timectl-monitor.timer"},
      std::move(evidence));
}

Finding stopped(const Elapses& elapses, Seconds now, Evidence evidence) {
  return failed({elapses.last ? fmt::format("timectl monitor has not run for {}",
                                            format_span(now - *elapses.last))
                              : "timectl monitor has not run since boot",
                 "its timer is active and does not elapse; its last decision is still in force",
                 "systemctl restart timectl-monitor.timer; systemctl list-timers"},
                std::move(evidence));
}

Finding not_known(Evidence evidence) {
  return {{},
          Verdict::unknown,
          "the monitor's timer is active; when it last ran is not known",
          std::move(evidence),
          "systemd was asked by busctl for the timer's times, and gave none",
          "systemctl list-timers timectl-monitor.timer"};
}

Finding ask_monitor_timer(const Subject& subject, const Ports& ports) {
  const auto timer = ports.services.state(timer_unit);
  const auto service = ports.services.state(service_unit);
  Evidence evidence{{"timer_unit_file_state", timer.unit_file_state},
                    {"timer_active_state", timer.active_state},
                    {"last_result", service.result},
                    {"ran_since_boot", !service.invocation_id.empty()}};
  if (!timer.exists()) {
    return failed(
        {"there is no timectl-monitor.timer", "this host was not provisioned", "timectl provision"},
        std::move(evidence));
  }
  if (timer.is_masked()) return masked(std::move(evidence));
  if (!timer.is_enabled() || !timer.is_active()) return not_watching(timer, std::move(evidence));
  const auto elapses = read_elapses(ports);
  const Seconds now = ports.clock.awake_since_boot();
  add_elapses(elapses, now, evidence);
  if (!service.result.empty() && service.result != "success") {
    return failed({"the monitor's last run failed", fmt::format("its result is {}", service.result),
                   "journalctl -b -u timectl-monitor.service"},
                  std::move(evidence));
  }
  if (!elapses.are_known) return not_known(std::move(evidence));
  if (is_stale(elapses, *subject.host.monitor, now)) {
    return stopped(elapses, now, std::move(evidence));
  }
  return good(service.invocation_id.empty() ? "the monitor's timer runs; its first run is to come"
                                            : describe_last_run(elapses, now),
              std::move(evidence));
}

bool has_monitor(const profile::Host& host) { return host.monitor.has_value(); }

}  // namespace

constinit const probe::Probe monitoring_probes[1] = {
    {row::monitor_timer, probe::Needs::running_host, has_monitor, ask_monitor_timer},
};

}  // namespace timectl::features
