// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/server.hpp"

#include "base/error.hpp"
#include "monitor/rows.hpp"
#include "probe/rows.hpp"
#include "rtc/arming.hpp"

#include <fmt/format.h>

#include <functional>

namespace timectl::monitor {

namespace {

using observe::HostTime;
using observe::Observation;
using profile::Limits;
using rtc::ClockTrust;

/// Is the RTC to be written now? A stopped one starts again by that, a wrong one is corrected
/// where the kernel does not do it (rtc1, no rtcsync).
bool wants_writing(const rtc::Assessment& rtc) {
  if (!rtc.device) return false;
  if (rtc.reading.health == system::RtcHealth::oscillator_stopped) return true;
  return rtc.reading.health == system::RtcHealth::readable && !rtc::agrees_with_system(rtc.reading);
}

bool serves_itself(const Observation& seen) {
  return seen.daemon.tracking && seen.daemon.tracking->reference_id == "7F7F0101";
}

/// Armed, as far as we know, and yet without any time: somebody took the arming back.
bool lost_its_arming(const Observation& seen) {
  return seen.daemon.tracking && seen.daemon.tracking->stratum == 0;
}

void disarm(const std::string& reason, ServerDecision& decision) {
  decision.arming = Arming::disarm;
  decision.arming_reason = reason;
  decision.boot.armed_invocation.clear();
}

/// Nobody armed it, nothing allows it, and chronyd serves its own clock all the same.
void disarm_uninvited(const std::string& reason, ServerDecision& decision) {
  disarm(reason, decision);
  decision.findings.push_back({probe::row::chrony_config,
                               probe::Verdict::failed,
                               "chronyd served its own clock, which nothing vouches for",
                               {},
                               "a 'local' directive in its configuration, or chronyc local",
                               "take 'local' out of /etc/chrony; timectl arms the island"});
}

void decide_arming(const Observation& seen, const HostTime& time, const std::string& chrony_run,
                   ServerDecision& decision) {
  auto& boot = decision.boot;
  // One that starts and does not answer yet arms itself (ExecStartPost=).
  if (!seen.daemon.tracking || chrony_run.empty()) return;
  const bool armed = boot.armed_invocation == chrony_run;
  const auto wrong = rtc::must_disarm(time.rtc, boot.synchronized_at, seen.clock);
  if (wrong.yes && (armed || serves_itself(seen))) return disarm(wrong.reason, decision);
  const auto may = rtc::may_arm(time.rtc, boot.synchronized_at, seen.clock);
  decision.arming_reason = may.reason;
  if (!may.yes && !armed && serves_itself(seen)) return disarm_uninvited(may.reason, decision);
  if (!may.yes || (armed && !lost_its_arming(seen))) return;
  decision.arming = Arming::arm;
  boot.armed_invocation = chrony_run;
}

probe::Finding no_chronyd() {
  return {probe::row::chrony_sync,
          probe::Verdict::failed,
          "chronyd does not run: nobody gets time from this host, nor does it from others",
          {},
          "",
          "systemctl status chrony.service says why"};
}

/// Runs one step; its failure is a finding, and the tick is incomplete.
bool attempt(Tick& tick, probe::FindingName name, const std::string& summary,
             const std::function<void()>& step) {
  try {
    step();
    return true;
  } catch (const Error& error) {
    tick.findings.push_back(
        {name, probe::Verdict::failed, summary, {}, error.what(), error.hint()});
    tick.could_act = false;
    return false;
  }
}

void note_steps(const ServerDecision& decision, const Limits& limits, Tick& tick) {
  if (decision.write_rtc) tick.actions.emplace_back("set the RTC from the synchronised clock");
  if (!decision.step_reason.empty()) {
    tick.actions.push_back(fmt::format("have chronyd step the clock: {}", decision.step_reason));
  }
  if (decision.arming == Arming::arm) {
    tick.actions.push_back(fmt::format("arm the island (local stratum {} orphan): {}",
                                       limits.local_stratum, decision.arming_reason));
  }
  if (decision.arming == Arming::disarm) {
    tick.actions.push_back(fmt::format("disarm the island: {}", decision.arming_reason));
  }
}

/// Keeps what is known of this boot. The operator may have set the clock during this check: the
/// note that says so stays.
void note_boot(const Observation& seen, rtc::BootState boot, system::FileStore& files) {
  const auto now = rtc::read_boot_state(files, boot.boot_id);
  const bool was_forgotten = seen.boot.synchronized_at && !now.synchronized_at;
  const bool was_set = now.clock_was_set && !seen.boot.clock_was_set;
  if (was_forgotten || was_set) boot.synchronized_at.reset();
  if (was_set) boot.clock_was_set = true;
  if (boot != seen.boot) rtc::write_boot_state(files, boot);
}

void carry_out_arming(const ServerDecision& decision, const Limits& limits, const Ports& ports,
                      rtc::BootState& boot, Tick& tick) {
  bool done = true;
  if (decision.arming == Arming::arm) {
    done = attempt(tick, probe::row::chrony_sync, "chronyd could not be armed",
                   [&] { ports.daemons.arm_local(limits.local_stratum, true); });
  } else if (decision.arming == Arming::disarm) {
    done = attempt(tick, probe::row::chrony_sync, "chronyd could not be disarmed",
                   [&] { ports.daemons.disarm_local(); });
  }
  // The next tick tries again: it takes an island for armed only when it was.
  if (!done) boot.armed_invocation.clear();
}

}  // namespace

ServerDecision decide_server(const profile::Host& host, const Observation& seen,
                             const HostTime& time, const std::string& chrony_run,
                             const Limits& limits) {
  ServerDecision decision;
  const auto& tracking = seen.daemon.tracking;
  decision.boot = time.boot;
  decision.write_rtc = time.is_synchronized && wants_writing(seen.rtc);
  const bool needs_chrony = host.serve || host.sources;
  if (!tracking && !seen.daemon_error && needs_chrony) decision.findings.push_back(no_chronyd());
  if (host.serve) decide_arming(seen, time, chrony_run, decision);
  if (tracking) {
    decision.step_reason = rtc::must_step(time.rtc, *tracking, limits.local_stratum, seen.clock.now,
                                          limits.site_servers)
                               .reason;
  }
  return decision;
}

void serve(const Observation& seen, const HostTime& time, const ServerDecision& decision,
           const Limits& limits, const Ports& ports, DryRun dry_run, Tick& tick) {
  note_steps(decision, limits, tick);
  if (dry_run == DryRun::yes) return;
  rtc::BootState boot = decision.boot;
  carry_out_arming(decision, limits, ports, boot, tick);
  if (!decision.step_reason.empty()) {
    attempt(tick, probe::row::chrony_sync, "chronyd did not step the clock",
            [&] { ports.daemons.step_clock(); });
  }
  auto record = time.new_record;
  if (decision.write_rtc) {
    const bool written = attempt(tick, probe::row::rtc_time, "the RTC could not be set",
                                 [&] { ports.rtc_writer.write_system_time(*seen.rtc.device); });
    // A written RTC starts anew: readings from before say nothing of how it runs.
    boot.reading.reset();
    if (written) {
      record = rtc::vouched_record(record ? record : seen.record, ports.look.clock.now(),
                                   ClockTrust::traceable, "sources");
    }
  }
  attempt(tick, row::rtc_record, "what is known of the RTC could not be kept", [&] {
    if (record) rtc::write_record(ports.files, *record, seen.chip);
    note_boot(seen, std::move(boot), ports.files);
  });
}

}  // namespace timectl::monitor
