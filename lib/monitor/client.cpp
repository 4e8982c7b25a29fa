// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/client.hpp"

#include <algorithm>
#include <cmath>

namespace timectl::monitor {

namespace {

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

/// Server and fallback that contradict each other: nobody knows who is right, so nothing moves.
void decide_return(const Observation& seen, const HostTime& time, const State& previous,
                   const Limits& limits, ClientDecision& decision) {
  const bool good_server =
      std::any_of(seen.servers.begin(), seen.servers.end(),
                  [&](const SiteServer& each) { return is_good(each, limits.bound); });
  const bool strays = !seen.daemon.returns_to_first &&
                      observe::follower_of(seen, limits).follows_fallback && good_server &&
                      time.judgement.state != quality::State::wrong;
  decision.good_ticks = strays ? previous.good_ticks + 1 : 0;
  if (decision.good_ticks < good_ticks_to_return) return;
  decision.return_to_site = true;
  decision.good_ticks = 0;
}

/// chronyd keeps to a preferred source that went silent until its last sample is older than the
/// oldest one of another source, which takes hours, and steers by nothing meanwhile.
void decide_measuring_anew(const Observation& seen, const State& previous,
                           ClientDecision& decision) {
  const auto kept =
      std::find_if(seen.servers.begin(), seen.servers.end(),
                   [&](const SiteServer& server) { return server.address == seen.daemon.kept; });
  const bool is_gone =
      kept != seen.servers.end() && !(kept->view.answered && kept->view.synchronized);
  decision.silent_ticks = is_gone && seen.daemon.hears_other ? previous.silent_ticks + 1 : 0;
  decision.measure_anew = decision.silent_ticks >= silent_ticks_to_measure_anew;
}

}  // namespace

ClientDecision decide_client(const Observation& seen, const HostTime& time, const State& previous,
                             const Limits& limits) {
  ClientDecision decision;
  decision.saving = observe::follows_trusted_server(seen, time, limits);
  if (decision.saving) decision.server = seen.daemon.followed;
  decide_return(seen, time, previous, limits, decision);
  decide_measuring_anew(seen, previous, decision);
  return decision;
}

}  // namespace timectl::monitor
