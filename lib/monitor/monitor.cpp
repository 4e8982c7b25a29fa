// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/monitor.hpp"

#include "backends/time_daemon.hpp"
#include "base/error.hpp"
#include "controller/contract.hpp"
#include "monitor/client.hpp"
#include "monitor/gate.hpp"
#include "monitor/memory.hpp"
#include "monitor/power.hpp"
#include "monitor/publish.hpp"
#include "monitor/sample.hpp"
#include "monitor/server.hpp"
#include "monitor/state.hpp"
#include "observe/judge.hpp"
#include "observe/observation.hpp"
#include "probe/misnamed_rtc.hpp"
#include "probe/rows.hpp"
#include "profile/limits.hpp"

#include <fmt/format.h>

#include <functional>
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
  if (daemon.followed.empty()) return "this host is not synchronized to any source";
  const auto& age = daemon.last_reply_age;
  return fmt::format("this host follows {}, {}", daemon.followed,
                     age ? fmt::format("last reply {} ago", format_span(*age)) : "no reply yet");
}

/// Something to tell the time daemon.
struct Order {
  std::string action;        ///< what is done, in words
  probe::FindingName probe;  ///< whose finding it is that it was not done
  std::string problem;       ///< its summary
  std::function<void()> give;
};

void carry_out(const Order& order, DryRun dry_run, Tick& tick) {
  tick.actions.push_back(order.action);
  if (dry_run == DryRun::yes) return;
  try {
    order.give();
  } catch (const Error& error) {
    tick.findings.push_back(
        {order.probe, probe::Verdict::failed, order.problem, {}, error.what(), error.hint()});
    tick.could_act = false;
  }
}

/// Brings the time daemon to the server that it should follow, or away from one that is gone.
void steer(const ClientDecision& decision, const Ports& ports, DryRun dry_run, Tick& tick) {
  if (decision.return_to_site) {
    carry_out({"send timesyncd back to the site's server", probe::row::timesync_server,
               "timesyncd could not be sent back to the site's server",
               [&] { ports.daemons.set_runtime_servers({}); }},
              dry_run, tick);
  }
  if (decision.measure_anew) {
    carry_out(
        {"let chronyd measure anew: it keeps to a server that is gone", probe::row::chrony_sync,
         "chronyd keeps to a server that is gone", [&] { ports.daemons.measure_anew(); }},
        dry_run, tick);
  }
}

void add(Tick& tick, std::vector<probe::Finding> findings) {
  for (auto& finding : findings) tick.findings.push_back(std::move(finding));
}

/// How a tick is to go about it.
struct Manner {
  DryRun dry_run;
  Scope scope;
};

/// What could not be asked is a finding; power saving ends by itself, because nothing justifies it.
void note_errors(const profile::Host& host, const observe::Observation& seen, Tick& tick) {
  if (const auto& error = seen.network_error) {
    tick.findings.push_back({probe::row::ntp_reply,
                             probe::Verdict::failed,
                             "the site's servers could not be asked",
                             {},
                             error->what(),
                             error->hint()});
    tick.could_act = tick.could_gate = false;
  }
  if (const auto& error = seen.daemon_error) {
    tick.findings.push_back(
        {observe::runs_timesyncd(host) ? probe::row::timesync_server : probe::row::chrony_sync,
         probe::Verdict::unknown,
         "the time daemon could not be asked",
         {},
         error->what(),
         error->hint()});
  }
}

/// What a check has found out, and what it goes by.
struct Check {
  const profile::Host& host;
  const Ports& ports;
  Manner manner;
  profile::Limits limits;
  observe::Observation seen;
  observe::HostTime time;
};

/// Where nothing may be written: whether the drop-in that is there may stay.
bool may_stay(const Check& check, const Allowance& allowance, Tick& tick) {
  const auto drop_in =
      check.ports.files.read(controller::drop_in_path(check.host.controller->unit));
  // A list without steps may have a POWER_LEVEL of its own, which is no step.
  const bool has_steps = controller::has_steps(allowance.levels);
  int step = drop_in ? 1 : 0;
  if (drop_in && has_steps) {
    step = controller::step_of(controller::variables_of(drop_in->content));
  }
  if (step > allowance.highest) return false;
  tick.saving = drop_in.has_value();
  if (has_steps) tick.power_level = step;
  return true;
}

void gate(const ClientDecision& decision, const Check& check, State& state, Tick& tick) {
  const auto& controller = *check.host.controller;
  const auto now = check.ports.look.clock.since_boot();
  state.trusted_since =
      trusted_since(state, decision.saving, now, check.limits.longest_without_check);
  Allowance allowance{controller.levels, check.time.judgement.state, 0, decision.server};
  if (state.trusted_since) {
    allowance.highest = controller::highest_step(
        controller.levels,
        {allowance.state, check.time.judgement.bound, now - *state.trusted_since});
  }
  if (check.manner.scope == Scope::only_take_away) {
    if (decision.saving && may_stay(check, allowance, tick)) return;
    allowance.highest = 0;
  }
  gate_controller({controller, check.ports, check.manner.dry_run, state, tick}, allowance);
}

void act_as_client(const Check& check, State& state, Tick& tick) {
  const auto decision = decide_client(check.seen, check.time, state, check.limits);
  state.good_ticks = decision.good_ticks;
  state.silent_ticks = decision.silent_ticks;
  for (const auto& server : check.seen.servers) {
    if (tick.seen.size() < 2) tick.seen.push_back(describe(server));
  }
  tick.seen.push_back(describe_following(check.seen.daemon));
  if (check.host.controller) gate(decision, check, state, tick);
  if (check.manner.scope == Scope::everything) {
    steer(decision, check.ports, check.manner.dry_run, tick);
  }
}

/// The invocation of chrony.service, "" while it is not active, or not known.
std::string chrony_run(const Check& check, Tick& tick) {
  if (!check.host.serve || check.seen.daemon_error) return "";
  try {
    const auto unit = check.ports.look.services.state(backends::chrony().unit());
    return unit.is_active() ? unit.invocation_id : "";
  } catch (const Error& error) {
    tick.findings.push_back({probe::row::chrony_sync,
                             probe::Verdict::unknown,
                             "systemd could not be asked for chrony.service",
                             {},
                             error.what(),
                             error.hint()});
    return "";
  }
}

void act_as_server(const Check& check, Tick& tick) {
  const auto& rtc = check.seen.rtc;
  if (check.host.rtc) tick.seen.push_back(rtc.reason);
  if (rtc.device && rtc.reading.health == system::RtcHealth::readable) {
    tick.rtc_ahead_s = rtc::ahead_of_system(rtc.reading).count();
  }
  const auto decision =
      decide_server(check.host, check.seen, check.time, chrony_run(check, tick), check.limits);
  add(tick, decision.findings);
  if (check.manner.scope == Scope::only_take_away) return;
  serve(check.seen, check.time, decision, check.limits, check.ports, check.manner.dry_run, tick);
}

}  // namespace

std::string saving_in_words(const Tick& tick) {
  if (!tick.saving) return "does not save power";
  return tick.power_level ? fmt::format("may save power at level {}", *tick.power_level)
                          : "may save power";
}

Tick run_tick(const profile::Profile& profile, const profile::Host& host, const Ports& ports,
              DryRun dry_run, Scope scope) {
  Tick tick;
  const auto before = read_state(ports.files, ports.look.clock.boot_id());
  State state = before;
  Check check{host, ports, {dry_run, scope}, profile::limits_of(profile, host), {}, {}};
  check.seen = observe::observe(profile, host, ports.look.of_time(), observe::Peers::left_out);
  check.time = observe::judge(host, check.seen, check.limits);
  tick.limits = check.limits;
  tick.judgement = check.time.judgement;
  if (check.time.offset) tick.offset_s = check.time.offset->count();
  add_observation(check.seen, tick.measured);
  if (auto misnamed = probe::misnamed_rtc(profile, host)) tick.findings.push_back(*misnamed);
  note_errors(host, check.seen, tick);
  if (host.client) act_as_client(check, state, tick);
  if (host.serve || host.rtc || !host.client) act_as_server(check, tick);
  state.quality = quality::to_string(tick.judgement.state);
  state.ticked = ports.look.clock.since_boot();
  state.ticked_at = ports.look.clock.now();
  state.skipped_since.reset();
  if (dry_run == DryRun::yes) return tick;
  // Among the leftovers of an interrupted change nothing of the host's is written.
  if (scope == Scope::everything) remember_tick(host, check.seen, ports, state, tick);
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

Tick take_saving_away(const Ports& ports, DryRun dry_run) {
  Tick tick;
  const auto before = read_state(ports.files, ports.look.clock.boot_id());
  if (before.controller.empty()) return tick;
  State state = before;
  profile::ControllerFeature controller;
  controller.unit = before.controller;
  state.trusted_since.reset();
  gate_controller({controller, ports, dry_run, state, tick},
                  {controller.levels, tick.judgement.state, 0, ""});
  if (dry_run == DryRun::no && state != before) write_state(ports.files, state);
  return tick;
}

}  // namespace timectl::monitor
