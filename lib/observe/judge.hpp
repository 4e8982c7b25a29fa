// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "observe/observation.hpp"
#include "profile/limits.hpp"
#include "quality/host.hpp"

#include <optional>
#include <string>

namespace timectl::observe {

/// What the clock has its time from.
enum class Reference { none, rtc, ntp };

std::string to_string(Reference reference);

/// How good this host's time is, where it comes from, and what is known from now on.
struct HostTime {
  quality::Judgement judgement;
  quality::Errors errors;
  Reference reference = Reference::none;
  std::string followed;           ///< address or name of the source, "" when none
  std::optional<Seconds> offset;  ///< positive: the clock is slow of its source
  bool is_synchronized = false;   ///< its chronyd follows a live source outside of the site
  rtc::Assessment rtc;            ///< judged again: real sources may lower the earliest time
  std::optional<rtc::Record> new_record;  ///< to be written; nullopt: nothing new
  rtc::BootState boot;                    ///< to be kept for the next check
  quality::Wander wander;                 ///< that its bounds grow by
};

/// The server that a client's judgement is about: the one that it follows, else the best there is;
/// nullptr when the site has none.
const SiteServer* pick_server(const Observation& seen);

/// Whom a client follows, by its daemon.
quality::FollowerView follower_of(const Observation& seen, const profile::Limits& limits);

/// Whether a client has its time from the site's server, which answers, and both can be trusted:
/// what power saving depends on. `time` is the judgement of `seen`.
bool follows_trusted_server(const Observation& seen, const HostTime& time,
                            const profile::Limits& limits);

/// True while the host's chronyd follows a live source outside of the site: rtc's rule, and one of
/// the source's last eight polls was answered. chronyd goes on calling itself synchronized.
bool is_synchronized(const Observation& seen, const profile::Limits& limits);

/// The wander of the host's clocks while nothing is learned: that of its RTC is its chip's.
quality::Wander usual_wander(const profile::Host& host);

/// Pure. `host` is the one that was observed.
HostTime judge(const profile::Host& host, const Observation& seen, const profile::Limits& limits);

/// May chronyd serve this host's own clock? Pure. Never yes on a host that does not serve: what its
/// chronyd does is not timectl's.
rtc::Decision may_enable_island(const profile::Host& host, const Observation& seen,
                                const profile::Limits& limits);

/// The same for one that was observed without its daemon (observe_clocks). Asks the daemon, and
/// adds what it says to `seen`, only when nothing else allows it: while chronyd starts it has no
/// answer.
rtc::Decision ask_to_enable_island(const profile::Host& host, const Ports& ports,
                                   const profile::Limits& limits, Observation& seen);

}  // namespace timectl::observe
