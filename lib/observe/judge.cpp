// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "observe/judge.hpp"

#include "rtc/chips.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace timectl::observe {

namespace {

using profile::Limits;
using quality::State;

constexpr Seconds unknown_bound{std::numeric_limits<double>::infinity()};

/// Did chronyd's last correction come from outside of the site? Its own clock as reference is
/// "corrected" all the time, and another server of the site may itself be in island mode, as its
/// stratum says.
bool came_from_outside(const system::ChronyTracking& tracking, const Limits& limits) {
  const auto& site = limits.site_servers;
  return rtc::has_reference(tracking) && !tracking.reference_id.starts_with("7F7F01") &&
         tracking.stratum >= 1 && tracking.stratum < limits.local_stratum &&
         std::find(site.begin(), site.end(), tracking.source) == site.end();
}

/// How long ago sources were followed, by the checks of this boot; else by chronyd, which says so
/// in the time of a clock that may have been set. It enables no island mode.
std::optional<Seconds> since_sources(const Observation& seen, const rtc::BootState& boot,
                                     const Limits& limits) {
  constexpr Seconds tolerated{3};
  if (boot.synchronized_at) return Seconds{seen.clock.since_boot - *boot.synchronized_at};
  const auto& tracking = seen.daemon.tracking;
  if (boot.clock_was_set || !tracking || !came_from_outside(*tracking, limits)) return std::nullopt;
  const Seconds age = seen.clock.now - *tracking->reference_time;
  if (age < -tolerated || age > Seconds{seen.clock.since_boot}) return std::nullopt;
  return std::max(age, Seconds{});
}

rtc::Assessment judge_rtc_again(const Observation& seen, const std::optional<rtc::Record>& record) {
  auto again = rtc::assess(seen.rtc.device, seen.rtc.reading, record, rtc::build_date());
  if (!seen.rtc.device) {
    again.trust = seen.rtc.trust;
    again.reason = seen.rtc.reason;
  }
  return again;
}

quality::Judgement judge_as_host(const Observation& seen, const HostTime& time,
                                 const Limits& limits) {
  quality::HostView view;
  const auto& synchronized = time.boot.synchronized_at;
  if (const auto wrong = rtc::must_disable_island(time.rtc, synchronized, seen.clock); wrong.yes) {
    view.wrong = wrong.reason;
  }
  const auto& tracking = seen.daemon.tracking;
  if (tracking && rtc::has_reference(*tracking)) view.bound = system::error_bound(*tracking);
  view.follows_sources = time.is_synchronized;
  if (time.is_synchronized) {
    view.source = fmt::format("{} (stratum {})", tracking->source, tracking->stratum);
  }
  view.since_sync = since_sources(seen, time.boot, limits);
  view.wander = time.wander.clock;
  view.rtc_reason = time.rtc.reason;
  const auto& record = time.new_record ? time.new_record : seen.record;
  if (time.rtc.is_trusted() && record) {
    view.runs_on_rtc = rtc::may_enable_island(time.rtc, synchronized, seen.clock).yes;
    view.rtc_bound =
        quality::rtc_bound(rtc::ahead_of_system(time.rtc.reading),
                           Seconds{seen.clock.now - record->validated_at}, time.wander.rtc);
  }
  return quality::judge_host(view, limits.bound);
}

Reference reference_of(const quality::Judgement& judgement) {
  switch (judgement.state) {
    case State::traceable:
    case State::holdover:
    case State::island:
      return Reference::ntp;
    case State::rtc_only:
      return Reference::rtc;
    case State::unsynchronized:
    case State::wrong:
      break;
  }
  return Reference::none;
}

void judge_client(const Observation& seen, const Limits& limits, HostTime& time) {
  const auto* server = pick_server(seen);
  const auto view = server != nullptr ? server->view : quality::ServerView{};
  time.followed = seen.daemon.followed;
  if (const auto below = rtc::is_too_early(seen.clock.now, time.rtc.earliest); below.yes) {
    time.judgement = {State::wrong, unknown_bound, below.reason};
  } else {
    time.judgement =
        quality::judge_client(view, follower_of(seen, limits), limits.local_stratum, limits.bound);
  }
  time.errors = quality::errors_of_client(time.judgement, view,
                                          server != nullptr ? server->reading : Seconds{});
  if (view.answered) time.offset = view.offset;
}

void judge_server(const Observation& seen, const Limits& limits, HostTime& time) {
  const auto& tracking = seen.daemon.tracking;
  if (time.is_synchronized) time.followed = tracking->source;
  time.judgement = judge_as_host(seen, time, limits);
  const auto* peer = pick_server(seen);
  time.errors = quality::errors_of_host(time.judgement,
                                        peer != nullptr ? std::optional{peer->view} : std::nullopt,
                                        peer != nullptr ? peer->reading : Seconds{});
  if (tracking) time.offset = tracking->system_offset;
}

}  // namespace

std::string to_string(Reference reference) {
  switch (reference) {
    case Reference::none:
      return "none";
    case Reference::rtc:
      return "rtc";
    case Reference::ntp:
      return "ntp";
  }
  return "none";
}

const SiteServer* pick_server(const Observation& seen) {
  const SiteServer* best = nullptr;
  const auto rank = [](const SiteServer& server) {
    return (server.view.answered ? 1 : 0) + (server.view.synchronized ? 2 : 0);
  };
  for (const auto& server : seen.servers) {
    if (server.address == seen.daemon.followed) return &server;
    if (best == nullptr || rank(server) > rank(*best)) best = &server;
  }
  return best;
}

quality::FollowerView follower_of(const Observation& seen, const Limits& limits) {
  const auto& daemon = seen.daemon;
  const auto& site = limits.site_servers;
  quality::FollowerView view;
  view.answered = daemon.answered;
  view.follows_site_server = std::find(site.begin(), site.end(), daemon.followed) != site.end();
  view.follows_fallback = !daemon.followed.empty() && !view.follows_site_server;
  view.last_reply_age = daemon.last_reply_age;
  view.poll_interval = daemon.poll_interval;
  view.reference_id = daemon.reference_id;
  view.stratum = daemon.stratum;
  view.bound = daemon.bound;
  view.wander = history::wander_of(seen.learned).clock;
  return view;
}

bool follows_trusted_server(const Observation& seen, const HostTime& time, const Limits& limits) {
  const auto* server = pick_server(seen);
  return reference_of(time.judgement) == Reference::ntp && server != nullptr &&
         server->view.answered && server->view.synchronized &&
         follower_of(seen, limits).follows_site_server && time.judgement.bound <= limits.bound;
}

bool is_synchronized(const Observation& seen, const Limits& limits) {
  const auto& daemon = seen.daemon;
  return daemon.tracking && daemon.hears_source &&
         rtc::is_really_synchronized(*daemon.tracking, limits.local_stratum, seen.clock.now,
                                     limits.site_servers);
}

quality::Wander usual_wander(const profile::Host& host) {
  quality::Wander usual;
  const auto* chip = host.rtc ? rtc::find_chip(host.rtc->chip) : nullptr;
  if (chip) usual.rtc = chip->wander;
  return usual;
}

HostTime judge(const profile::Host& host, const Observation& seen, const Limits& limits) {
  HostTime time;
  time.is_synchronized = is_synchronized(seen, limits);
  time.boot = seen.boot;
  time.wander = history::wander_of(seen.learned, usual_wander(host));
  if (time.is_synchronized) {
    time.boot.synchronized_at = seen.clock.since_boot;
    time.boot.clock_was_set = false;
  }
  const auto trust =
      time.is_synchronized ? rtc::ClockTrust::traceable : rtc::ClockTrust::untraceable;
  time.new_record = rtc::next_record(seen.record, seen.rtc, trust, seen.boot.reading, seen.clock);
  if (seen.rtc.reading.health == system::RtcHealth::readable && seen.rtc.device) {
    time.boot.reading = {seen.rtc.reading.time, seen.clock.since_boot};
  }
  time.rtc = judge_rtc_again(seen, time.new_record ? time.new_record : seen.record);
  if (host.client) {
    judge_client(seen, limits, time);
  } else {
    judge_server(seen, limits, time);
  }
  time.reference = reference_of(time.judgement);
  return time;
}

rtc::Decision may_enable_island(const profile::Host& host, const Observation& seen,
                                const Limits& limits) {
  if (!host.serve) return {false, "no profile says that this host serves time"};
  const auto time = judge(host, seen, limits);
  return rtc::may_enable_island(time.rtc, time.boot.synchronized_at, seen.clock);
}

rtc::Decision ask_to_enable_island(const profile::Host& host, const Ports& ports,
                                   const Limits& limits, Observation& seen) {
  auto decision = may_enable_island(host, seen, limits);
  if (decision.yes || !host.serve) return decision;
  add_daemon(host, ports, seen);
  return may_enable_island(host, seen, limits);
}

}  // namespace timectl::observe
