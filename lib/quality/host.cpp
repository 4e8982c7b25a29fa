// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "quality/host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace timectl::quality {

namespace {

constexpr Seconds unknown_bound{std::numeric_limits<double>::infinity()};
/// The error bound of a holdover begins here, however sure chronyd was.
constexpr Seconds least_holdover_bound{0.01};

bool is_anchored_in_utc(State state) {
  return state == State::traceable || state == State::holdover || state == State::rtc_only;
}

std::optional<Seconds> if_finite(Seconds span) {
  return std::isfinite(span.count()) ? std::optional{span} : std::nullopt;
}

std::optional<Seconds> distance_to(const ServerView& server, Seconds reading) {
  if (!server.answered || !server.synchronized) return std::nullopt;
  return if_finite(Seconds{std::abs(server.offset.count())} + reading);
}

std::optional<Seconds> distance_to_utc(const Judgement& judgement) {
  return is_anchored_in_utc(judgement.state) ? if_finite(judgement.bound) : std::nullopt;
}

}  // namespace

Seconds rtc_bound(Seconds beside_system, Seconds since_validated, double wander) {
  return Seconds{1} + Seconds{std::abs(beside_system.count())} +
         wander * std::max(since_validated, Seconds{});
}

Judgement judge_host(const HostView& host, Seconds limit) {
  if (!host.wrong.empty()) return {State::wrong, unknown_bound, host.wrong};
  if (host.follows_sources) {
    if (!(host.bound <= limit)) return over_limit(host.bound, limit);
    return {State::traceable, host.bound, fmt::format("follows {}", host.source)};
  }
  if (host.since_sync) {
    const Seconds bound =
        std::max(host.bound, least_holdover_bound) + host.wander * *host.since_sync;
    const auto reason = fmt::format("its sources were lost {} ago", format_span(*host.since_sync));
    if (bound <= limit) return {State::holdover, bound, reason};
  }
  if (host.runs_on_rtc && host.rtc_bound) {
    if (!(*host.rtc_bound <= limit)) return over_limit(*host.rtc_bound, limit);
    return {State::rtc_only, *host.rtc_bound, host.rtc_reason};
  }
  return {State::unsynchronized, unknown_bound,
          host.rtc_reason.empty() ? "it follows no source, and has no RTC" : host.rtc_reason};
}

Errors errors_of_client(const Judgement& judgement, const ServerView& server, Seconds reading) {
  return {distance_to_utc(judgement), distance_to(server, reading)};
}

Errors errors_of_host(const Judgement& judgement, const std::optional<ServerView>& peer,
                      Seconds reading) {
  const auto to_utc = distance_to_utc(judgement);
  if (!peer) return {to_utc, Seconds{}};
  return {to_utc, distance_to(*peer, reading)};
}

}  // namespace timectl::quality
