// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "monitor/client.hpp"

#include "base/error.hpp"
#include "rtc/arming.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace timectl::monitor {

namespace {

using namespace std::chrono_literals;

// In an ordinary tick one exchange says it: each costs the server too.
constexpr observe::Sampling sampling{4, 20ms};
constexpr std::chrono::milliseconds deadline{1000};

ServerSight sight_of(const profile::Host& server, const observe::NtpMeasurement& measured) {
  ServerSight sight;
  sight.name = server.name;
  sight.address = server.address.text();
  sight.problem = measured.problem;
  sight.view.answered = measured.best.has_value();
  if (!measured.best) return sight;
  sight.view.synchronized = measured.is_synchronized() && measured.problem.empty();
  sight.view.stratum = measured.best->reply.stratum;
  sight.view.reference_id = measured.best->reply.reference_id;
  sight.view.offset = measured.best->offset;
  sight.view.bound = measured.bound();
  sight.view.reference_age = measured.best->reply.reference_age();
  return sight;
}

std::vector<ServerSight> ask_servers(const profile::Profile& profile, const profile::Host& self,
                                     const system::DatagramClient& datagrams) {
  std::vector<const profile::Host*> servers;
  std::vector<system::Endpoint> endpoints;
  for (const auto& host : profile.hosts) {
    if (!host.serve || &host == &self) continue;
    servers.push_back(&host);
    endpoints.push_back({host.address, observe::ntp_port});
  }
  const auto measured = observe::measure_ntp(endpoints, sampling, deadline, datagrams);
  std::vector<ServerSight> sights;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    sights.push_back(sight_of(*servers[i], measured[i]));
  }
  return sights;
}

bool is_site_server(const ClientSight& sight, const std::string& address) {
  return std::any_of(sight.servers.begin(), sight.servers.end(),
                     [&](const ServerSight& server) { return server.address == address; });
}

void follow(ClientSight& sight, const std::string& address) {
  if (address.empty()) return;
  sight.followed = address;
  sight.follower.follows_site_server = is_site_server(sight, address);
  sight.follower.follows_fallback = !sight.follower.follows_site_server;
}

void look_at_timesyncd(ClientSight& sight, const probe::Ports& look) {
  const auto state = look.daemons.timesync();
  if (!state) return;
  sight.can_return_to_site = true;
  follow(sight, state->server_address);
  sight.follower.poll_interval = state->poll_interval;
  if (!state->message) return;
  const auto& last = *state->message;
  // A clock that was stepped back makes the last reply look like one from the future.
  sight.follower.last_reply_age = std::max<Seconds>(look.clock.now() - last.destination, 0s);
  sight.follower.reference_id = last.reference_id;
  sight.follower.stratum = last.stratum;
  sight.follower.bound = last.root_dispersion + last.root_delay / 2 + last.jitter;
}

/// Bit 0 is the last poll; a falseticker is heard and not to be followed.
bool is_heard(const system::ChronySource& source) {
  return (source.reach & 1U) != 0 && source.state != 'x';
}

void look_at_chrony(ClientSight& sight, const probe::Ports& look) {
  const auto tracking = look.daemons.chrony_tracking();
  const auto sources = look.daemons.chrony_sources();
  if (!tracking || !sources) return;
  for (const auto& source : *sources) {
    if (source.state != '*') continue;
    sight.kept = source.name;
    sight.follower.last_reply_age = source.since_last_sample;
    sight.follower.poll_interval = Seconds{std::exp2(source.poll_log2)};
    // tracking names the source itself; that it runs on its own clock shows in its stratum.
    sight.follower.reference_id = tracking->reference_id;
    sight.follower.stratum = source.stratum;
    sight.follower.bound = system::error_bound(*tracking);
    // chronyd keeps the star on a preferred source that answered none of eight polls.
    if (source.reach != 0) follow(sight, source.name);
  }
  sight.has_other_way = std::any_of(sources->begin(), sources->end(), [&](const auto& source) {
    return source.name != sight.kept && is_heard(source);
  });
}

bool is_trusted(quality::State state) {
  return state == quality::State::traceable || state == quality::State::holdover ||
         state == quality::State::island;
}

quality::Judgement judge(const ClientSight& sight, const quality::ServerView& view,
                         const ClientRules& rules) {
  const auto below = rtc::is_below_floor(sight.now, rules.floor);
  if (!below.yes) {
    return quality::judge_client(view, sight.follower, rules.local_stratum, rules.limit);
  }
  const Seconds unknown{std::numeric_limits<double>::infinity()};
  return {quality::State::wrong, unknown, below.reason};
}

/// A server worth going back to: it answers and what it says of itself is within the limit. Our
/// own offset is left out, because it is the fallback's doing.
bool is_good(const ServerSight& server, Seconds limit) {
  const Seconds own = server.view.bound - Seconds{std::abs(server.view.offset.count())};
  return server.view.answered && server.view.synchronized && own <= limit;
}

/// Server and fallback that contradict each other: nobody knows who is right, so nothing moves.
void decide_return(const ClientSight& sight, const State& previous, const ClientRules& rules,
                   ClientDecision& decision) {
  const bool good_server =
      std::any_of(sight.servers.begin(), sight.servers.end(),
                  [&](const ServerSight& each) { return is_good(each, rules.limit); });
  const bool strays = sight.can_return_to_site && sight.follower.follows_fallback && good_server &&
                      decision.judgement.state != quality::State::wrong;
  decision.good_ticks = strays ? previous.good_ticks + 1 : 0;
  if (decision.good_ticks < rules.good_ticks_to_return) return;
  decision.return_to_site = true;
  decision.good_ticks = 0;
}

/// chronyd keeps to a preferred source that went silent until its last sample is older than the
/// oldest one of another source, which takes hours, and steers by nothing meanwhile.
void decide_measuring_anew(const ClientSight& sight, const State& previous,
                           const ClientRules& rules, ClientDecision& decision) {
  const auto kept =
      std::find_if(sight.servers.begin(), sight.servers.end(),
                   [&](const ServerSight& server) { return server.address == sight.kept; });
  const bool is_gone =
      kept != sight.servers.end() && !(kept->view.answered && kept->view.synchronized);
  decision.silent_ticks = is_gone && sight.has_other_way ? previous.silent_ticks + 1 : 0;
  decision.measure_anew = decision.silent_ticks >= rules.silent_ticks_to_measure_anew;
}

}  // namespace

ClientSight observe_client(const profile::Profile& profile, const profile::Host& host,
                           const probe::Ports& look) {
  ClientSight sight;
  sight.now = look.clock.now();
  sight.servers = ask_servers(profile, host, look.datagrams);
  const bool chrony = host.client && host.client->daemon == profile::ClientDaemon::chrony;
  try {
    chrony ? look_at_chrony(sight, look) : look_at_timesyncd(sight, look);
  } catch (const Error& error) {
    sight.findings.push_back({chrony ? "chrony.sync" : "timesync.server",
                              probe::Verdict::unknown,
                              "the time daemon could not be asked",
                              {},
                              error.what(),
                              error.hint()});
  }
  return sight;
}

const ServerSight* pick_server(const ClientSight& sight) {
  const ServerSight* best = nullptr;
  const auto rank = [](const ServerSight& server) {
    return (server.view.answered ? 1 : 0) + (server.view.synchronized ? 2 : 0);
  };
  for (const auto& server : sight.servers) {
    if (server.address == sight.followed) return &server;
    if (best == nullptr || rank(server) > rank(*best)) best = &server;
  }
  return best;
}

ClientRules client_rules(const profile::Profile& profile, const profile::Host& host,
                         const system::FileReader& files) {
  ClientRules rules;
  rules.floor = rtc::make_floor(rtc::build_date(), rtc::read_record(files));
  for (const auto& server : profile.hosts) {
    if (!server.serve) continue;
    rules.local_stratum = server.serve->local_stratum;
    break;
  }
  if (host.client) rules.limit = host.client->root_distance_max;
  return rules;
}

ClientDecision decide_client(const ClientSight& sight, const State& previous,
                             const ClientRules& rules) {
  ClientDecision decision;
  const auto* server = pick_server(sight);
  const auto view = server != nullptr ? server->view : quality::ServerView{};
  decision.judgement = judge(sight, view, rules);
  decision.saving = is_trusted(decision.judgement.state) && sight.follower.follows_site_server &&
                    view.answered && view.synchronized && decision.judgement.bound <= rules.limit;
  if (decision.saving) decision.server = sight.followed;

  decide_return(sight, previous, rules, decision);
  decide_measuring_anew(sight, previous, rules, decision);
  return decision;
}

}  // namespace timectl::monitor
