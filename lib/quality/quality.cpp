// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "quality/quality.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>

namespace timectl::quality {

namespace {

using std::chrono::minutes;

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

Seconds magnitude(Seconds span) { return Seconds{std::abs(span.count())}; }

bool is_recent(const FollowerView& follower) {
  return follower.last_reply_age &&
         *follower.last_reply_age <= longest_silence(follower.poll_interval);
}

/// The bound of the last reply, grown since.
Seconds own_bound(const FollowerView& follower, Seconds limit) {
  const Seconds age = follower.last_reply_age.value_or(Seconds{});
  return follower.bound.value_or(limit) + std::max(age, Seconds{}) * follower.wander;
}

/// What the last reply said of its chain to UTC.
bool is_known_traceable(const FollowerView& follower, int local_stratum) {
  return !follower.reference_id.empty() && follower.stratum >= 1 && follower.stratum <= 15 &&
         !is_local_reference(follower.reference_id, follower.stratum, local_stratum);
}

/// A NaN is over every limit.
bool is_within(Seconds bound, Seconds limit) { return bound <= limit; }

/// Of a clock that follows no source: measured against the server, else by its last reply, else
/// unknown.
Seconds bound_unled(const ServerView& server, const FollowerView& follower) {
  if (server.answered && server.synchronized) return server.bound;
  const Seconds unknown{std::numeric_limits<double>::infinity()};
  return follower.last_reply_age ? own_bound(follower, unknown) : unknown;
}

Judgement judge_without_source(const ServerView& server, const FollowerView& follower) {
  const auto bound = bound_unled(server, follower);
  const auto* who = !server.answered       ? "the site's server does not answer"
                    : !server.synchronized ? "the site's server is not synchronized"
                                           : "the site's server answers, but is not followed";
  if (!follower.answered) {
    return {State::unsynchronized, bound,
            fmt::format("{}, and what this host's time daemon follows is not known", who)};
  }
  if (!follower.last_reply_age) {
    return {State::unsynchronized, bound, fmt::format("{}: this host never had a reply", who)};
  }
  return {State::unsynchronized, bound,
          fmt::format("{}: the last reply is {} old", who, format_span(*follower.last_reply_age))};
}

Judgement judge_following(const ServerView& server, int local_stratum, Seconds limit) {
  if (!is_within(server.bound, limit)) return over_limit(server.bound, limit);
  if (is_local_reference(server.reference_id, server.stratum, local_stratum)) {
    return {State::island, server.bound,
            fmt::format("follows the site's server, which runs on its own clock (stratum {})",
                        server.stratum)};
  }
  if (!is_alive(server.reference_age)) {
    return {State::holdover, server.bound,
            "follows the site's server, which has lost its own source"};
  }
  return {
      State::traceable, server.bound,
      fmt::format("follows the site's server, which is synchronized (stratum {})", server.stratum)};
}

/// The server is silent or unsynchronized, and its last reply is recent.
Judgement judge_bereft(const FollowerView& follower, int local_stratum, Seconds limit) {
  const auto bound = own_bound(follower, limit);
  const auto age = format_span(*follower.last_reply_age);
  if (follower.reference_id.empty()) {
    return {State::unsynchronized, bound,
            fmt::format("the site's server was heard {} ago and is silent now", age)};
  }
  if (!is_within(bound, limit)) return over_limit(bound, limit);
  const bool traceable = is_known_traceable(follower, local_stratum);
  return {traceable ? State::holdover : State::island, bound,
          fmt::format("the site's server{} was heard {} ago and is silent now",
                      traceable ? "" : ", on its own clock,", age)};
}

/// Both measured the same clock: they disagree when their bounds do not meet.
bool disagree(const ServerView& server, const FollowerView& follower, Seconds limit) {
  if (!server.answered || !server.synchronized) return false;
  const Seconds explained = server.bound - magnitude(server.offset) + own_bound(follower, limit);
  return magnitude(server.offset) > explained;
}

Judgement judge_fallback(const ServerView& server, const FollowerView& follower, int local_stratum,
                         Seconds limit) {
  const auto bound = own_bound(follower, limit);
  if (disagree(server, follower, limit)) {
    return {State::wrong, std::max(bound, server.bound),
            fmt::format("the site's server and the fallback disagree by {}",
                        format_span(magnitude(server.offset)))};
  }
  // Without a bound of its own a daemon still has its limit, which it holds replies against.
  if (follower.bound && !is_within(bound, limit)) return over_limit(bound, limit);
  const auto* why = !server.answered       ? "the site's server does not answer"
                    : !server.synchronized ? "the site's server is not synchronized"
                                           : "the site's server answers";
  if (is_known_traceable(follower, local_stratum)) {
    return {State::traceable, bound, fmt::format("follows a fallback: {}", why)};
  }
  return {State::island, bound,
          fmt::format("follows a fallback whose own source is {}: {}",
                      follower.reference_id.empty() ? "not known" : "a local clock", why)};
}

}  // namespace

Judgement over_limit(Seconds bound, Seconds limit) {
  return {State::unsynchronized, bound,
          fmt::format("the error bound is {}, more than the limit of {}", format_span(bound),
                      format_span(limit))};
}

std::string to_string(State state) {
  switch (state) {
    case State::traceable:
      return "traceable";
    case State::holdover:
      return "holdover";
    case State::island:
      return "island";
    case State::rtc_only:
      return "rtc_only";
    case State::unsynchronized:
      return "unsynchronized";
    case State::wrong:
      return "wrong";
  }
  return "unsynchronized";
}

bool is_local_reference(const std::string& reference_id, int stratum, int local_stratum) {
  const auto id = upper(reference_id);
  return id.starts_with("7F7F01") || id == "4C4F434C" || stratum >= local_stratum;
}

bool is_alive(Seconds reference_age) {
  return reference_age > -Seconds{1} && reference_age < std::chrono::hours{1};
}

Seconds longest_silence(Seconds poll_interval) {
  return std::max<Seconds>(minutes{2}, 3 * poll_interval);
}

Judgement judge_client(const ServerView& server, const FollowerView& follower, int local_stratum,
                       Seconds limit) {
  if (!is_recent(follower)) return judge_without_source(server, follower);
  if (follower.follows_fallback) return judge_fallback(server, follower, local_stratum, limit);
  if (!follower.follows_site_server) return judge_without_source(server, follower);
  if (!server.answered) return judge_bereft(follower, local_stratum, limit);
  if (!server.synchronized) {
    return {State::unsynchronized, own_bound(follower, limit),
            "the site's server answers, but is not synchronized"};
  }
  return judge_following(server, local_stratum, limit);
}

}  // namespace timectl::quality
