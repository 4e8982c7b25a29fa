// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/memory.hpp"

#include "base/error.hpp"
#include "history/learn.hpp"
#include "history/ring.hpp"
#include "monitor/learning.hpp"
#include "monitor/rows.hpp"
#include "monitor/sample.hpp"
#include "observe/judge.hpp"
#include "probe/rows.hpp"
#include "rtc/battery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace timectl::monitor {

namespace {

using namespace std::chrono_literals;
using probe::Verdict;

history::Sample sample_of(const profile::Host& host, const Ports& ports, const Tick& tick,
                          WallTime now) {
  auto seen = seen_by(tick);
  seen.at = std::chrono::floor<std::chrono::seconds>(now);
  complete_sample(host, ports.readers, seen);
  if (history::begins_block(ports.files, seen)) count_clients(host, ports.readers, seen);
  return seen;
}

void add_alert(Tick& tick, probe::FindingName name, Verdict verdict, const std::string& summary,
               const std::string& cause, const std::string& remedy) {
  tick.findings.push_back({name, verdict, summary, {}, cause, remedy});
  tick.alerts.emplace_back(name.text());
}

void judge_drift(const State& state, Tick& tick) {
  if (!state.drift_ppm) return;
  tick.drift_ppm = state.drift_ppm;
  const double surely = std::abs(*state.drift_ppm) - state.drift_margin_ppm;
  if (surely < tick.limits.drift_warn_ppm) return;
  add_alert(
      tick, row::rtc_drift,
      surely < tick.limits.drift_critical_ppm ? Verdict::warning : Verdict::failed,
      fmt::format("RTC and system clock drift apart by {:.1f} ppm, {:.1f} s a day",
                  *state.drift_ppm, *state.drift_ppm * 0.0864),
      fmt::format("without sources neither is corrected; learned to {:.1f} ppm",
                  state.drift_margin_ppm),
      "timectl history shows since when; when you know the time: timectl rtc set --time TIME");
}

void judge_bound(Tick& tick) {
  Seconds bound = tick.judgement.bound;
  if (tick.judgement.state == quality::State::rtc_only) bound -= tick.limits.rtc_reading;
  if (!std::isfinite(bound.count()) || bound < tick.limits.bound_warn) return;
  add_alert(tick, row::time_bound,
            bound < tick.limits.bound_critical ? Verdict::warning : Verdict::failed,
            fmt::format("the error bound is {}", format_span(tick.judgement.bound)),
            tick.judgement.reason, "timectl verify names the cause");
}

/// From the last half hour, whether it was written to the disk meanwhile or not. While there is UTC
/// nothing is lost that could run out.
void add_forecast(const Ports& ports, WallTime now, Tick& tick) {
  if (tick.judgement.state == quality::State::traceable) return;
  const auto limit = tick.limits.bound;
  tick.until_limit = history::forecast(history::read_samples(ports.files, now - 30min), limit);
  if (!tick.until_limit || *tick.until_limit > tick.limits.forecast) return;
  add_alert(tick, row::time_forecast, Verdict::warning,
            fmt::format("the error bound passes the limit of {} in {}", format_span(limit),
                        hours_and_minutes(*tick.until_limit)),
            "the sources are lost", "timectl verify names the cause");
}

/// From the window, or from when the chip was exchanged in it.
std::optional<history::Drift> learn(const profile::Limits& limits, const history::Learned& known,
                                    const Ports& ports, WallTime now, State& state) {
  const auto since = history::drift_since(known, limits.drift_window, now);
  const auto drift = history::learn_drift(history::read_samples(ports.files, since));
  state.drift_ppm.reset();
  if (!drift) return drift;
  state.drift_ppm = drift->ppm;
  state.drift_margin_ppm = drift->margin_ppm;
  return drift;
}

/// From now on what is learned is of the chip that the profile names now.
void begin_with_other_chip(history::Learned& known, WallTime now, const Ports& ports,
                           State& state) {
  known.chip_since = now;
  state.drift_ppm.reset();
  history::write_learned(ports.files, known);
}

/// Reads the note when a block was written, and at each check while there is a finding about it, so
/// that a new battery ends the finding at once.
void judge_battery(const profile::Host& host, const observe::Observation& seen, const Ports& ports,
                   bool wrote_block, State& state, Tick& tick) {
  if (!host.rtc) return;
  const bool was_said = std::find(state.alerts.begin(), state.alerts.end(),
                                  probe::row::rtc_battery.name) != state.alerts.end();
  if (host.rtc->battery_years == 0) {
    state.battery.reset();
  } else if (!state.battery || wrote_block || was_said) {
    state.battery = rtc::read_battery(ports.files, host.rtc->chip);
  }
  const auto judged =
      rtc::judge_battery(state.battery.value_or(rtc::BatteryNote{}), host.rtc->battery_years,
                         seen.rtc.reading, ports.readers.clock.now());
  // By a clock that is wrong any battery may be old.
  const bool is_old =
      judged.state == rtc::BatteryState::old && quality::knows_date(tick.judgement.state);
  if (!is_old && judged.state != rtc::BatteryState::low) return;
  add_alert(tick, probe::row::rtc_battery, Verdict::warning, judged.summary, judged.cause,
            judged.remedy);
}

/// What was seen is lost when it fails; what was done about it stands.
void try_to(Tick& tick, const std::string& summary, const std::function<void()>& step) {
  try {
    step();
  } catch (const Error& error) {
    tick.findings.push_back(
        {row::monitor_history, Verdict::warning, summary, {}, error.what(), error.hint()});
  }
}

}  // namespace

std::string hours_and_minutes(Seconds span) {
  const auto minutes = std::chrono::round<std::chrono::minutes>(span).count();
  if (minutes < 60) return fmt::format("{} min", minutes);
  return fmt::format("{} h {} min", minutes / 60, minutes % 60);
}

history::Sample seen_by(const Tick& tick) {
  auto seen = tick.measured;
  seen.state = tick.judgement.state;
  seen.saving = tick.saving;
  seen.bound_s = tick.judgement.bound.count();
  seen.offset_s = tick.offset_s;
  seen.rtc_ahead_s = tick.rtc_ahead_s;
  return seen;
}

void record_tick(const profile::Host& host, const observe::Observation& seen, const Ports& ports,
                 State& state, Tick& tick) {
  const auto now = ports.readers.clock.now();
  auto known = seen.learned;
  bool wrote_block = false;
  std::optional<history::Drift> drift;
  // By a clock that nothing confirms the new chip would begin at a time that never was. Nothing is
  // learned until then: the samples are of the old one.
  const bool is_confirmed = tick.judgement.state == quality::State::traceable ||
                            tick.judgement.state == quality::State::island;
  const bool may_learn = !known.is_of_other_chip || is_confirmed;
  try_to(tick, "what was learned of the clocks could not be written", [&] {
    if (known.is_of_other_chip && is_confirmed) begin_with_other_chip(known, now, ports, state);
  });
  try_to(tick, "the check could not be added to the history", [&] {
    tick.measured = sample_of(host, ports, tick, now);
    wrote_block = history::add_sample(ports.files, tick.measured);
    if (wrote_block && may_learn) drift = learn(tick.limits, known, ports, now, state);
  });
  try_to(tick, "what was learned of the clocks could not be written", [&] {
    if (wrote_block && may_learn)
      learn_wander(known, drift, observe::usual_wander(host).rtc, now, ports);
  });
  try_to(tick, "the history could not be read", [&] { add_forecast(ports, now, tick); });
  judge_drift(state, tick);
  judge_battery(host, seen, ports, wrote_block, state, tick);
  judge_bound(tick);
}

}  // namespace timectl::monitor
