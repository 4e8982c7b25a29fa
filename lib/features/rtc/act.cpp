// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/rtc/findings.hpp"
#include "features/rtc/rows.hpp"
#include "probe/rows.hpp"
#include "rtc/island.hpp"

#include <fmt/format.h>

#include <string>

/// The clock that chronyd is to step, and the RTC that is to be set.
namespace timectl::features {

namespace {

using monitor::Situation;

/// Is the RTC to be written now? A stopped one starts again by that, a wrong one is corrected
/// where the kernel does not do it (rtc1, no rtcsync).
bool wants_writing(const rtc::Assessment& rtc) {
  if (!rtc.device) return false;
  if (rtc.reading.health == system::RtcHealth::oscillator_stopped) return true;
  return rtc.reading.health == system::RtcHealth::readable && !rtc::agrees_with_system(rtc.reading);
}

/// Why chronyd is to step the clock; "": it is not.
std::string why_step(const Situation& situation) {
  const auto& tracking = situation.seen.daemon.tracking;
  if (!tracking) return "";
  const auto& limits = situation.limits;
  return rtc::must_step(situation.time.rtc, *tracking, limits.local_stratum,
                        situation.seen.clock.now, limits.site_servers)
      .reason;
}

void step_clock(Situation& situation) {
  const auto reason = why_step(situation);
  if (reason.empty()) return;
  auto& tick = situation.tick;
  tick.actions.push_back(fmt::format("have chronyd step the clock: {}", reason));
  if (situation.dry_run == monitor::DryRun::yes) return;
  monitor::attempt(tick, probe::row::chrony_sync, "chronyd did not step the clock",
                   [&] { situation.ports.daemons.step_clock(); });
}

void set_rtc(Situation& situation) {
  const auto& rtc = situation.seen.rtc;
  if (!situation.time.is_synchronized || !wants_writing(rtc)) return;
  auto& tick = situation.tick;
  tick.actions.emplace_back("set the RTC from the synchronized clock");
  if (situation.dry_run == monitor::DryRun::yes) return;
  const bool written = monitor::attempt(tick, row::rtc_time, "the RTC could not be set", [&] {
    situation.ports.rtc_writer.write_system_time(*rtc.device);
  });
  // A written RTC starts anew: readings from before say nothing of how it runs.
  situation.boot.reading.reset();
  if (!written) return;
  auto& record = situation.record;
  record = rtc::validated_record(record ? record : situation.seen.record,
                                 situation.ports.readers.clock.now(), rtc::ClockTrust::traceable,
                                 "sources");
}

void correct_clocks(Situation& situation) {
  if (situation.scope == monitor::Scope::only_take_away) return;
  step_clock(situation);
  set_rtc(situation);
}

/// A client without an RTC has its time from others alone.
bool has_clocks_of_its_own(const profile::Host& host) {
  return host.serve || host.rtc || !host.client;
}

}  // namespace

constinit const monitor::Step rtc_steps[1] = {
    {.applies = has_clocks_of_its_own, .act = correct_clocks},
};

}  // namespace timectl::features
