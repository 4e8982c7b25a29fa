// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/server.hpp"

#include "base/error.hpp"
#include "quality/host.hpp"

#include <fmt/format.h>

#include <functional>

namespace timectl::monitor {

namespace {

using quality::Judgement;
using rtc::ClockTrust;

constexpr auto chrony_unit = "chrony.service";

bool is_synchronized(const HostSight& sight, const ServerRules& rules) {
  return sight.tracking && rtc::is_really_synchronized(*sight.tracking, rules.local_stratum,
                                                       sight.clock.now, rules.site_servers);
}

Judgement judge(const HostSight& sight, const ServerDecision& decision, const rtc::Assessment& rtc,
                const std::optional<rtc::Record>& record, const ServerRules& rules) {
  quality::HostView view;
  const auto& since = decision.boot.synchronized_at;
  if (const auto wrong = rtc::must_disarm(rtc, since, sight.clock); wrong.yes) {
    view.wrong = wrong.reason;
  }
  view.follows_sources = is_synchronized(sight, rules);
  if (sight.tracking && rtc::has_reference(*sight.tracking)) {
    view.bound = system::error_bound(*sight.tracking);
  }
  if (view.follows_sources) {
    view.source = fmt::format("{} (stratum {})", sight.tracking->source, sight.tracking->stratum);
  }
  // Aged by the clock that nobody can set.
  if (since) view.since_sync = sight.clock.since_boot - *since;
  view.rtc_reason = rtc.reason;
  if (rtc.is_sane() && record) {
    view.runs_on_rtc = rtc::may_arm(rtc, since, sight.clock).yes;
    view.rtc_bound = quality::rtc_bound(rtc::ahead_of_system(rtc.reading),
                                        Seconds{sight.clock.now - record->vouched_at});
  }
  return quality::judge_host(view, rules.limit);
}

/// Is the RTC to be written now? A stopped one starts again by that, a wrong one is corrected
/// where the kernel does not do it (rtc1, no rtcsync).
bool wants_writing(const rtc::Assessment& rtc) {
  if (!rtc.device) return false;
  if (rtc.reading.health == system::RtcHealth::oscillator_stopped) return true;
  return rtc.reading.health == system::RtcHealth::readable && !rtc::agrees_with_system(rtc.reading);
}

bool serves_itself(const HostSight& sight) {
  return sight.tracking && sight.tracking->reference_id == "7F7F0101";
}

/// Armed, as far as we know, and yet without any time: somebody took the arming back.
bool lost_its_arming(const HostSight& sight) {
  return sight.tracking && sight.tracking->stratum == 0;
}

void disarm(const std::string& reason, ServerDecision& decision) {
  decision.arming = Arming::disarm;
  decision.arming_reason = reason;
  decision.boot.armed_invocation.clear();
}

/// Nobody armed it, nothing allows it, and chronyd serves its own clock all the same.
void disarm_uninvited(const std::string& reason, ServerDecision& decision) {
  disarm(reason, decision);
  decision.findings.push_back({"chrony.config",
                               probe::Verdict::failed,
                               "chronyd served its own clock, which nothing vouches for",
                               {},
                               "a 'local' directive in its configuration, or chronyc local",
                               "take 'local' out of /etc/chrony; timectl arms the island"});
}

void decide_arming(const HostSight& sight, const rtc::Assessment& rtc, const ServerRules& rules,
                   ServerDecision& decision) {
  auto& boot = decision.boot;
  // One that starts and does not answer yet arms itself (ExecStartPost=).
  const bool answers = sight.tracking && !sight.chrony_invocation.empty();
  if (!rules.serves || !answers) return;
  const bool armed = boot.armed_invocation == sight.chrony_invocation;
  const auto wrong = rtc::must_disarm(rtc, boot.synchronized_at, sight.clock);
  if (wrong.yes && (armed || serves_itself(sight))) return disarm(wrong.reason, decision);
  const auto may = rtc::may_arm(rtc, boot.synchronized_at, sight.clock);
  decision.arming_reason = may.reason;
  if (!may.yes && !armed && serves_itself(sight)) return disarm_uninvited(may.reason, decision);
  if (!may.yes || (armed && !lost_its_arming(sight))) return;
  decision.arming = Arming::arm;
  boot.armed_invocation = sight.chrony_invocation;
}

/// Reads the RTC; a chip that cannot even be asked is one that cannot be read.
rtc::Assessment look_at_rtc(const profile::Host& host, const probe::Ports& look,
                            const std::optional<rtc::Record>& record, const ServerRules& rules) {
  rtc::Assessment none = rtc::assess(std::nullopt, {}, record, rules.built);
  if (!host.rtc) {
    none.reason = "chronyd follows no real source, and the profile gives this host no RTC";
    return none;
  }
  try {
    return rtc::look({host.rtc->chip, host.rtc->bus, host.rtc->address}, look.rtcs, look.files);
  } catch (const Error& error) {
    none.trust = rtc::Trust::not_readable;
    none.reason = error.what();
    return none;
  }
}

probe::Finding no_chronyd() {
  return {"chrony.sync",
          probe::Verdict::failed,
          "chronyd does not run: nobody gets time from this host, nor does it from others",
          {},
          "",
          "systemctl status chrony.service says why"};
}

void look_at_chrony(HostSight& sight, const probe::Ports& look, const ServerRules& rules) {
  try {
    sight.tracking = look.daemons.chrony_tracking();
    if (!sight.tracking && rules.needs_chrony) sight.findings.push_back(no_chronyd());
    const auto unit = look.services.state(chrony_unit);
    if (unit.is_active()) sight.chrony_invocation = unit.invocation_id;
  } catch (const Error& error) {
    sight.findings.push_back({"chrony.sync",
                              probe::Verdict::unknown,
                              "chrony could not be asked",
                              {},
                              error.what(),
                              error.hint()});
  }
}

/// Runs one step; its failure is a finding, and the tick is incomplete.
bool attempt(Tick& tick, const std::string& probe, const std::string& summary,
             const std::function<void()>& step) {
  try {
    step();
    return true;
  } catch (const Error& error) {
    tick.findings.push_back(
        {probe, probe::Verdict::failed, summary, {}, error.what(), error.hint()});
    tick.could_act = false;
    return false;
  }
}

void note_steps(const ServerDecision& decision, const ServerRules& rules, Tick& tick) {
  if (decision.write_rtc) tick.actions.emplace_back("set the RTC from the synchronised clock");
  if (!decision.step_reason.empty()) {
    tick.actions.push_back(fmt::format("have chronyd step the clock: {}", decision.step_reason));
  }
  if (decision.arming == Arming::arm) {
    tick.actions.push_back(fmt::format("arm the island (local stratum {} orphan): {}",
                                       rules.local_stratum, decision.arming_reason));
  }
  if (decision.arming == Arming::disarm) {
    tick.actions.push_back(fmt::format("disarm the island: {}", decision.arming_reason));
  }
}

void carry_out_arming(const ServerDecision& decision, const ServerRules& rules, const Ports& ports,
                      rtc::BootState& boot, Tick& tick) {
  bool done = true;
  if (decision.arming == Arming::arm) {
    done = attempt(tick, "chrony.sync", "chronyd could not be armed",
                   [&] { ports.daemons.arm_local(rules.local_stratum, true); });
  } else if (decision.arming == Arming::disarm) {
    done = attempt(tick, "chrony.sync", "chronyd could not be disarmed",
                   [&] { ports.daemons.disarm_local(); });
  }
  // The next tick tries again: it takes an island for armed only when it was.
  if (!done) boot.armed_invocation.clear();
}

}  // namespace

ServerRules server_rules(const profile::Profile& profile, const profile::Host& host) {
  ServerRules rules;
  for (const auto* server : profile.servers()) {
    rules.site_servers.push_back(server->address.text());
  }
  rules.serves = host.serve.has_value();
  rules.needs_chrony = host.serve || host.sources;
  if (host.serve) rules.local_stratum = host.serve->local_stratum;
  rules.built = rtc::build_date();
  return rules;
}

HostSight observe_server(const profile::Host& host, const probe::Ports& look,
                         const ServerRules& rules) {
  HostSight sight;
  sight.record = rtc::read_record(look.files);
  sight.boot = rtc::read_boot_state(look.files, look.clock.boot_id());
  look_at_chrony(sight, look, rules);
  sight.rtc = look_at_rtc(host, look, sight.record, rules);
  sight.clock = {look.clock.now(), look.clock.since_boot()};
  return sight;
}

ServerDecision decide_server(const HostSight& sight, const ServerRules& rules) {
  ServerDecision decision;
  const bool synchronized = is_synchronized(sight, rules);
  const auto trust = synchronized ? ClockTrust::traceable : ClockTrust::untraceable;
  decision.boot = sight.boot;
  if (synchronized) decision.boot.synchronized_at = sight.clock.since_boot;
  decision.record =
      rtc::next_record(sight.record, sight.rtc, trust, sight.boot.reading, sight.clock);
  decision.write_rtc = synchronized && wants_writing(sight.rtc);
  if (sight.rtc.reading.health == system::RtcHealth::readable && sight.rtc.device) {
    decision.boot.reading = {sight.rtc.reading.time, sight.clock.since_boot};
  }
  // What real sources just said may have lowered the floor, so the RTC is judged once more.
  const auto record = decision.record ? decision.record : sight.record;
  auto rtc = rtc::assess(sight.rtc.device, sight.rtc.reading, record, rules.built);
  if (!sight.rtc.device) rtc.reason = sight.rtc.reason;
  decide_arming(sight, rtc, rules, decision);
  if (sight.tracking) {
    decision.step_reason = rtc::must_step(rtc, *sight.tracking, rules.local_stratum,
                                          sight.clock.now, rules.site_servers)
                               .reason;
  }
  decision.judgement = judge(sight, decision, rtc, record, rules);
  return decision;
}

void serve(const HostSight& sight, const ServerDecision& decision, const ServerRules& rules,
           const Ports& ports, DryRun dry_run, Tick& tick) {
  note_steps(decision, rules, tick);
  if (dry_run == DryRun::yes) return;
  rtc::BootState boot = decision.boot;
  carry_out_arming(decision, rules, ports, boot, tick);
  if (!decision.step_reason.empty()) {
    attempt(tick, "chrony.sync", "chronyd did not step the clock",
            [&] { ports.daemons.step_clock(); });
  }
  auto record = decision.record;
  if (decision.write_rtc) {
    const bool written = attempt(tick, "rtc.time", "the RTC could not be set",
                                 [&] { ports.rtc_writer.write_system_time(*sight.rtc.device); });
    // A written RTC starts anew: readings from before say nothing of how it runs.
    boot.reading.reset();
    if (written) {
      record = rtc::vouched_record(record ? record : sight.record, ports.look.clock.now(),
                                   ClockTrust::traceable, "sources");
    }
  }
  attempt(tick, "rtc.record", "what is known of the RTC could not be kept", [&] {
    if (record) rtc::write_record(ports.files, *record);
    // Somebody set the clock while this tick looked: it stays forgotten who had synchronised it.
    const auto now = rtc::read_boot_state(ports.files, boot.boot_id);
    if (sight.boot.synchronized_at && !now.synchronized_at) boot.synchronized_at.reset();
    if (boot != sight.boot) rtc::write_boot_state(ports.files, boot);
  });
}

}  // namespace timectl::monitor
