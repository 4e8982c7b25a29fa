// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/monitor.hpp"

#include "backends/time_daemon.hpp"
#include "base/error.hpp"
#include "monitor/memory.hpp"
#include "monitor/publish.hpp"
#include "monitor/rows.hpp"
#include "monitor/sample.hpp"
#include "monitor/state.hpp"
#include "monitor/step.hpp"
#include "probe/asks.hpp"
#include "probe/misnamed_rtc.hpp"
#include "probe/rows.hpp"

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace timectl::monitor {

namespace {

std::string describe(const observe::SiteServer& server) {
  if (!server.view.answered || !server.problem.empty()) {
    return fmt::format("{} ({}): {}", server.name, server.address, server.problem);
  }
  return fmt::format("{} ({}): stratum {}, reference {}, offset {}, bound {}", server.name,
                     server.address, server.view.stratum, server.view.reference_id,
                     format_span(server.view.offset), format_span(server.view.bound));
}

std::string describe_following(const backends::TimeDaemonView& daemon) {
  if (!daemon.answered) return "this host's time daemon cannot be asked";
  if (daemon.followed.empty()) return "this host is not synchronized to any source";
  const auto& age = daemon.last_reply_age;
  return fmt::format("this host follows {}, {}", daemon.followed,
                     age ? fmt::format("last reply {} ago", format_span(*age)) : "no reply yet");
}

const probe::FindingRow& row_of_daemon(const profile::Host& host) {
  switch (profile::time_daemon_of(host)) {
    case profile::TimeDaemon::timesyncd:
      return probe::row::timesync_server;
    case profile::TimeDaemon::chrony:
    case profile::TimeDaemon::none:
      break;
  }
  return probe::row::chrony_sync;
}

/// What could not be asked is a finding; power saving ends by itself, because nothing justifies it.
void note_errors(const profile::Host& host, const observe::Observation& seen, Tick& tick) {
  if (const auto& error = seen.network_error) {
    tick.findings.push_back({probe::row::ntp_reply,
                             probe::Verdict::failed,
                             "the site's servers could not be asked",
                             {},
                             error->what(),
                             error->hint()});
    tick.could_act = tick.could_update_power_saving = false;
  }
  if (const auto& error = seen.daemon_error) {
    tick.findings.push_back({row_of_daemon(host),
                             probe::Verdict::unknown,
                             "the time daemon could not be asked",
                             {},
                             error->what(),
                             error->hint()});
  }
}

void note_silent_chronyd(const profile::Host& host, const observe::Observation& seen, Tick& tick) {
  const bool needs_chrony = host.serve || host.sources;
  if (seen.daemon.tracking || seen.daemon_error || !needs_chrony) return;
  tick.findings.push_back({probe::row::chrony_sync,
                           probe::Verdict::failed,
                           "chronyd is not running: this host neither serves nor receives time",
                           {},
                           "",
                           fmt::format("systemctl status {} says why", backends::chrony().unit())});
}

/// nullopt also where systemd does not say: that is a finding.
std::optional<probe::Problem> why_off_the_bus(const Ports& ports, Tick& tick) {
  const auto* const unit = backends::timesyncd().unit();
  try {
    return probe::why_off_the_bus("timesyncd", unit, ports.readers.services, ports.readers.files);
  } catch (const Error& error) {
    tick.findings.push_back({probe::row::timesync_server,
                             probe::Verdict::unknown,
                             fmt::format("systemd could not be asked for {}", unit),
                             {},
                             error.what(),
                             error.hint()});
    return std::nullopt;
  }
}

/// Only a timesyncd that gave no answer is worth the questions.
void note_lost_bus(const profile::Host& host, const observe::Observation& seen, const Ports& ports,
                   Tick& tick) {
  if (!profile::runs_timesyncd(host) || seen.daemon.answered || seen.daemon_error) return;
  const auto lost = why_off_the_bus(ports, tick);
  if (!lost) return;
  tick.findings.push_back({probe::row::timesync_server,
                           probe::Verdict::failed,
                           lost->summary,
                           {},
                           lost->cause,
                           lost->remedy});
  tick.alerts.emplace_back(probe::row::timesync_server.name);
}

/// What the judgement rests on, and what is not in order about it.
void describe(const profile::Host& host, const observe::Observation& seen, Tick& tick) {
  if (host.client) {
    for (const auto& server : seen.servers) {
      if (tick.seen.size() < 2) tick.seen.push_back(describe(server));
    }
    tick.seen.push_back(describe_following(seen.daemon));
  }
  const auto& rtc = seen.rtc;
  if (host.rtc) tick.seen.push_back(rtc.reason);
  if (rtc.device && rtc.reading.health == system::RtcHealth::readable) {
    tick.rtc_ahead_s = rtc::ahead_of_system(rtc.reading).count();
  }
  note_errors(host, seen, tick);
  note_silent_chronyd(host, seen, tick);
}

/// The operator may have set the clock, disabled island mode or provisioned the host during this
/// check: the note that says so stays.
void keep_boot(const rtc::BootState& seen, rtc::BootState boot, system::FileStore& files) {
  const auto now = rtc::read_boot_state(files, boot.boot_id);
  const bool was_forgotten = seen.synchronized_at && !now.synchronized_at;
  const bool was_set = now.clock_was_set && !seen.clock_was_set;
  if (was_forgotten || was_set) boot.synchronized_at.reset();
  if (was_set) boot.clock_was_set = true;
  if (now.disabled_invocation != seen.disabled_invocation) {
    boot.disabled_invocation = now.disabled_invocation;
  }
  boot.rtc_kept_time = boot.rtc_kept_time || now.rtc_kept_time;
  boot.awaits_reboot = boot.awaits_reboot || now.awaits_reboot;
  if (boot != seen) rtc::write_boot_state(files, boot);
}

void keep_what_is_known(const Situation& situation) {
  const auto& host = situation.host;
  // A client without an RTC has its time from others alone.
  if (host.client && !host.serve && !host.rtc) return;
  attempt(situation.tick, row::rtc_record, "the RTC record could not be written", [&] {
    auto& files = situation.ports.files;
    if (situation.record) rtc::write_record(files, *situation.record, situation.seen.chip);
    keep_boot(situation.seen.boot, situation.boot, files);
  });
}

void take(std::span<const Step> steps, Turn turn, Situation& situation) {
  for (const auto& step : steps) {
    if (step.turn == turn && step.applies(situation.host)) step.act(situation);
  }
}

void withdraw(std::span<const Step> steps, const Withdrawal& withdrawal) {
  for (const auto& step : steps) {
    if (step.withdraw != nullptr) step.withdraw(withdrawal);
  }
}

}  // namespace

bool attempt(Tick& tick, probe::FindingName name, const std::string& summary,
             const std::function<void()>& something) {
  try {
    something();
    return true;
  } catch (const Error& error) {
    tick.findings.push_back(
        {name, probe::Verdict::failed, summary, {}, error.what(), error.hint()});
    tick.could_act = false;
    return false;
  }
}

std::string saving_in_words(const Tick& tick) {
  if (tick.saves_unasked) return "saves power, and is not allowed to";
  if (!tick.saving) return "does not save power";
  return tick.power_level ? fmt::format("may save power at level {}", *tick.power_level)
                          : "may save power";
}

Tick run_tick(const profile::Profile& profile, const profile::Host& host, const Ports& ports,
              std::span<const Step> steps, DryRun dry_run, Scope scope) {
  Tick tick;
  const auto before = read_state(ports.files, ports.readers.clock.boot_id());
  State state = before;
  tick.limits = profile::limits_of(profile, host);
  auto seen = observe::observe(profile, host, ports.readers.of_time(), observe::Peers::left_out);
  auto time = observe::judge(host, seen, tick.limits);
  tick.judgement = time.judgement;
  if (time.offset) tick.offset_s = time.offset->count();
  add_observation(seen, tick.measured);
  if (auto misnamed = probe::misnamed_rtc(profile, host)) tick.findings.push_back(*misnamed);
  describe(host, seen, tick);
  note_lost_bus(host, seen, ports, tick);
  const auto boot = time.boot;
  const auto record = time.new_record;
  Situation situation{host,  ports, dry_run, scope, tick.limits, std::move(seen), std::move(time),
                      state, tick,  boot,    record};
  for (const auto turn : {Turn::first, Turn::later}) take(steps, turn, situation);
  state.quality = quality::to_string(tick.judgement.state);
  state.ticked = ports.readers.clock.since_boot();
  state.ticked_at = ports.readers.clock.now();
  state.skipped_since.reset();
  if (dry_run == DryRun::yes) return tick;
  // Among what an interrupted change left nothing of the host's is written.
  if (scope == Scope::everything) {
    keep_what_is_known(situation);
    record_tick(host, situation.seen, ports, state, tick);
  }
  state.alerts = tick.alerts;
  write_state(ports.files, state);
  publish(host, before, state, ports, tick);
  return tick;
}

bool skip_tick(system::FileStore& files, const system::Clock& clock, std::chrono::seconds longest,
               DryRun dry_run) {
  auto state = read_state(files, clock.boot_id());
  const auto now = clock.since_boot();
  if (!state.skipped_since) {
    state.skipped_since = now;
    if (dry_run == DryRun::no) write_state(files, state);
  }
  const bool was_watched =
      state.ticked.count() > 0 && *state.skipped_since - state.ticked <= longest;
  return now - (was_watched ? state.ticked : *state.skipped_since) > longest;
}

Tick withdraw_all(const Ports& ports, std::span<const Step> steps, DryRun dry_run) {
  Tick tick;
  const auto before = read_state(ports.files, ports.readers.clock.boot_id());
  State state = before;
  withdraw(steps, {ports, dry_run, state, tick});
  if (dry_run == DryRun::no && state != before) write_state(ports.files, state);
  return tick;
}

}  // namespace timectl::monitor
