// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "quality/quality.hpp"

#include <optional>
#include <string>

namespace timectl::quality {

/// What is known of a host that has sources or an RTC of its own, reduced to what its state depends
/// on. Spans are by the monotonic clock (since boot).
struct HostView {
  std::string wrong;                  ///< evidence against its clock; "": none
  bool follows_sources = false;       ///< its chronyd follows a live source outside the site
  Seconds bound{};                    ///< chronyd's own, as long as it has a reference
  std::string source;                 ///< who that is
  std::optional<Seconds> since_sync;  ///< since sources were followed in this boot; nullopt: never
  bool runs_on_rtc = false;           ///< its clock came from an RTC that is validated
  std::optional<Seconds> rtc_bound;   ///< of that RTC's time, grown since it was validated
  std::string rtc_reason;             ///< why the RTC is trusted or not
  double wander = Wander{}.clock;     ///< of this host's clock
};

/// The state of such a host, in the order of what is better to have; bounds as in judge_client.
Judgement judge_host(const HostView& host, Seconds limit);

/// How far an RTC's time can be off: a second to read it, its distance to the system clock, and
/// its wander since its time was validated.
Seconds rtc_bound(Seconds beside_system, Seconds since_validated, double wander = Wander{}.rtc);

/// The same clock measured against two references that are easily confused. nullopt: nothing that
/// can be known.
struct Errors {
  std::optional<Seconds> to_utc;     ///< how far it may be from UTC
  std::optional<Seconds> to_island;  ///< how far it may be from the clock of the site's server
};

/// Of a host that follows the site's server (or a fallback): the island's clock is what `server`
/// showed, and `reading` how well that was seen (half the round trip).
Errors errors_of_client(const Judgement& judgement, const ServerView& server, Seconds reading);

/// Of a site's server. Its own clock is the island's; of several, what `peer` showed.
Errors errors_of_host(const Judgement& judgement, const std::optional<ServerView>& peer,
                      Seconds reading);

}  // namespace timectl::quality
