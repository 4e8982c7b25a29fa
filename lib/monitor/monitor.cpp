// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/monitor.hpp"

#include "base/error.hpp"
#include "monitor/client.hpp"
#include "monitor/gate.hpp"
#include "monitor/memory.hpp"
#include "monitor/publish.hpp"
#include "monitor/server.hpp"
#include "monitor/state.hpp"

#include <fmt/format.h>

#include <functional>
#include <utility>

namespace timectl::monitor {

namespace {

std::string describe(const ServerSight& server) {
  if (!server.view.answered || !server.problem.empty()) {
    return fmt::format("{} ({}): {}", server.name, server.address, server.problem);
  }
  return fmt::format("{} ({}): stratum {}, reference {}, offset {}, bound {}", server.name,
                     server.address, server.view.stratum, server.view.reference_id,
                     format_span(server.view.offset), format_span(server.view.bound));
}

std::string describe_following(const ClientSight& sight) {
  if (sight.followed.empty()) return "this host follows nobody";
  const auto& age = sight.follower.last_reply_age;
  return fmt::format("this host follows {}, {}", sight.followed,
                     age ? fmt::format("last reply {} ago", format_span(*age)) : "no reply yet");
}

/// Something to tell the time daemon.
struct Order {
  std::string action;   ///< what is done, in words
  std::string probe;    ///< whose finding it is that it was not done
  std::string problem;  ///< its summary
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
    carry_out({"send timesyncd back to the site's server", "timesync.server",
               "timesyncd could not be sent back to the site's server",
               [&] { ports.daemons.set_runtime_servers({}); }},
              dry_run, tick);
  }
  if (decision.measure_anew) {
    carry_out({"let chronyd measure anew: it keeps to a server that is gone", "chrony.sync",
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

/// What nobody could look at is not known, and not knowing takes power saving away.
ClientSight observe(const profile::Profile& profile, const profile::Host& host, const Ports& ports,
                    Tick& tick) {
  try {
    return observe_client(profile, host, ports.look);
  } catch (const Error& error) {
    tick.findings.push_back({"ntp.reply",
                             probe::Verdict::failed,
                             "the site's servers could not be asked",
                             {},
                             error.what(),
                             error.hint()});
    tick.could_act = tick.could_gate = false;
    ClientSight blind;
    blind.now = ports.look.clock.now();
    return blind;
  }
}

void gate(const profile::ControllerFeature& controller, const ClientDecision& decision,
          const Ports& ports, Manner manner, State& state, Tick& tick) {
  if (decision.saving && manner.scope == Scope::only_take_away) {
    tick.saving = ports.files.status(drop_in_path(controller.unit)).has_value();
    return;
  }
  const auto text = decision.saving
                        ? wanted_text(controller.levels, decision.judgement.state, decision.server)
                        : "";
  gate_controller(controller, text, ports, manner.dry_run, state, tick);
}

void tick_client(const profile::Profile& profile, const profile::Host& host, const Ports& ports,
                 Manner manner, State& state, Tick& tick) {
  auto sight = observe(profile, host, ports, tick);
  const auto decision = decide_client(sight, state, client_rules(profile, host, ports.files));
  tick.judgement = decision.judgement;
  state.good_ticks = decision.good_ticks;
  state.silent_ticks = decision.silent_ticks;
  for (const auto& server : sight.servers) {
    if (tick.seen.size() < 2) tick.seen.push_back(describe(server));
  }
  tick.seen.push_back(describe_following(sight));
  if (const auto* server = pick_server(sight); server != nullptr && server->view.answered) {
    tick.offset_s = server->view.offset.count();
  }
  add(tick, std::move(sight.findings));
  if (host.controller) gate(*host.controller, decision, ports, manner, state, tick);
  if (manner.scope == Scope::everything) steer(decision, ports, manner.dry_run, tick);
}

void tick_server(const profile::Profile& profile, const profile::Host& host, const Ports& ports,
                 Manner manner, Tick& tick) {
  const auto rules = server_rules(profile, host);
  auto sight = observe_server(host, ports.look, rules);
  const auto decision = decide_server(sight, rules);
  if (!host.client) tick.judgement = decision.judgement;
  if (host.rtc) tick.seen.push_back(sight.rtc.reason);
  if (!host.client && sight.tracking) tick.offset_s = sight.tracking->system_offset.count();
  if (sight.rtc.device && sight.rtc.reading.health == system::RtcHealth::readable) {
    tick.rtc_ahead_s = rtc::ahead_of_system(sight.rtc.reading).count();
  }
  add(tick, std::move(sight.findings));
  add(tick, decision.findings);
  if (manner.scope == Scope::only_take_away) return;
  serve(sight, decision, rules, ports, manner.dry_run, tick);
}

}  // namespace

Tick run_tick(const profile::Profile& profile, const profile::Host& host, const Ports& ports,
              DryRun dry_run, Scope scope) {
  Tick tick;
  const auto before = read_state(ports.files, ports.look.clock.boot_id());
  State state = before;
  const Manner manner{dry_run, scope};
  if (host.client) tick_client(profile, host, ports, manner, state, tick);
  if (host.serve || host.rtc || !host.client) tick_server(profile, host, ports, manner, tick);
  state.quality = quality::to_string(tick.judgement.state);
  state.ticked = ports.look.clock.since_boot();
  state.ticked_at = ports.look.clock.now();
  state.skipped_since.reset();
  if (dry_run == DryRun::yes) return tick;
  // Among the leftovers of an interrupted change nothing of the host's is written.
  if (scope == Scope::everything) remember_tick(host, ports, state, tick);
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
  gate_controller(controller, "", ports, dry_run, state, tick);
  if (dry_run == DryRun::no && state != before) write_state(ports.files, state);
  return tick;
}

}  // namespace timectl::monitor
