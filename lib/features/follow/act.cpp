// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/follow/act.hpp"

#include "features/follow/rows.hpp"
#include "probe/rows.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

/// Brings the time daemon to the server that it should follow, or away from one that is gone.
namespace timectl::features {

namespace {

using monitor::Situation;
using monitor::State;
using observe::HostTime;
using observe::Observation;
using observe::SiteServer;
using profile::Limits;

constexpr int good_ticks_to_return = 3;
constexpr int silent_ticks_to_measure_anew = 3;

/// A server worth going back to: it answers and what it says of itself is within the limit. Our
/// own offset is left out, because it is the fallback's doing.
bool is_good(const SiteServer& server, Seconds limit) {
  const Seconds own = server.view.bound - Seconds{std::abs(server.view.offset.count())};
  return server.view.answered && server.view.synchronized && own <= limit;
}

/// If server and fallback contradict each other, it is not known which is right, so nothing
/// changes.
void decide_return(const Observation& seen, const HostTime& time, const State& previous,
                   const Limits& limits, Steering& decision) {
  const bool good_server =
      std::any_of(seen.servers.begin(), seen.servers.end(),
                  [&](const SiteServer& each) { return is_good(each, limits.bound); });
  // Where its list was replaced going back to it does not help: verify names the file.
  const auto& first = seen.daemon.first;
  const auto& site = limits.site_servers;
  const bool leads_back = !first || std::find(site.begin(), site.end(), *first) != site.end();
  const bool strays = !seen.daemon.returns_to_first && leads_back &&
                      observe::follower_of(seen, limits).follows_fallback && good_server &&
                      time.judgement.state != quality::State::wrong;
  decision.good_ticks = strays ? previous.good_ticks + 1 : 0;
  if (decision.good_ticks < good_ticks_to_return) return;
  decision.return_to_site = true;
  decision.good_ticks = 0;
}

/// chronyd keeps to a preferred source that went silent until its last sample is older than the
/// oldest one of another source, which takes hours, and steers by nothing meanwhile.
void decide_measuring_anew(const Observation& seen, const State& previous, Steering& decision) {
  const auto kept =
      std::find_if(seen.servers.begin(), seen.servers.end(),
                   [&](const SiteServer& server) { return server.address == seen.daemon.kept; });
  const bool is_gone =
      kept != seen.servers.end() && !(kept->view.answered && kept->view.synchronized);
  decision.silent_ticks = is_gone && seen.daemon.hears_other ? previous.silent_ticks + 1 : 0;
  decision.measure_anew = decision.silent_ticks >= silent_ticks_to_measure_anew;
}

/// A command for the time daemon.
struct Order {
  std::string action;        ///< what is done, in words
  probe::FindingName probe;  ///< whose finding it is that it was not done
  std::string problem;       ///< its summary
  std::function<void()> give;
};

void carry_out(const Order& order, const Situation& situation) {
  situation.tick.actions.push_back(order.action);
  if (situation.dry_run == monitor::DryRun::yes) return;
  monitor::attempt(situation.tick, order.probe, order.problem, order.give);
}

void steer(Situation& situation) {
  auto& state = situation.state;
  const auto decision = decide_steering(situation.seen, situation.time, state, situation.limits);
  state.good_ticks = decision.good_ticks;
  state.silent_ticks = decision.silent_ticks;
  if (situation.scope == monitor::Scope::only_take_away) return;
  auto& daemons = situation.ports.daemons;
  if (decision.return_to_site) {
    carry_out({"switch timesyncd back to the site's server", probe::row::timesync_server,
               "timesyncd could not be switched back to the site's server",
               [&] { daemons.set_runtime_servers({}); }},
              situation);
  }
  if (decision.measure_anew) {
    carry_out(
        {"let chronyd measure anew: it keeps to a server that is gone", probe::row::chrony_sync,
         "chronyd keeps to a server that is gone", [&] { daemons.measure_anew(); }},
        situation);
  }
}

}  // namespace

Steering decide_steering(const Observation& seen, const HostTime& time, const State& previous,
                         const Limits& limits) {
  Steering decision;
  decide_return(seen, time, previous, limits, decision);
  decide_measuring_anew(seen, previous, decision);
  return decision;
}

constinit const monitor::Step follow_steps[1] = {
    {.applies = [](const profile::Host& host) { return host.client.has_value(); }, .act = steer},
};

}  // namespace timectl::features
