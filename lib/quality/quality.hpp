// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/time.hpp"
#include "quality/wander.hpp"

#include <array>
#include <optional>
#include <string>

/// The state of the time and its error bound (lib/quality/README.md).
namespace timectl::quality {

enum class State { traceable, holdover, island, rtc_only, unsynchronized, wrong };

/// All of them, in their order.
inline constexpr std::array all_states{State::traceable, State::holdover,       State::island,
                                       State::rtc_only,  State::unsynchronized, State::wrong};

std::string to_string(State state);

/// What a server says of itself, reduced to what the state depends on.
struct ServerView {
  bool answered = false;
  bool synchronized = false;  ///< leap not 3, stratum 1..15
  int stratum = 0;
  std::string reference_id;  ///< eight hex digits
  Seconds offset{};          ///< positive: we are slow
  Seconds bound{};
  Seconds reference_age{};  ///< since it heard of its own source, by its own clock
};

/// What this host's own time daemon follows.
struct FollowerView {
  bool answered = true;  ///< false: the daemon cannot be asked, so nothing below is known
  bool follows_site_server = false;  ///< it follows one of the profile's servers
  bool follows_fallback = false;
  std::optional<Seconds> last_reply_age;  ///< nullopt: never had one
  Seconds poll_interval{};
  /// Of that last reply, as far as the daemon reports it: its state and bound then.
  std::string reference_id;  ///< eight hex digits; "" when not known
  int stratum = 0;
  std::optional<Seconds> bound;
  double wander = Wander{}.clock;  ///< of this host's clock
};

struct Judgement {
  State state = State::unsynchronized;
  Seconds bound{};
  std::string reason;
};

/// Whether the clock of a host in that state may be off by seconds, but not by years.
constexpr bool knows_date(State state) {
  return state != State::unsynchronized && state != State::wrong;
}

/// The reference ids and strata that give a local clock away: 7F7F01xx (chrony's 127.127.1.1,
/// ntpd's 127.127.1.0), LOCL (ntpd), or a stratum at or beyond the site's local stratum.
bool is_local_reference(const std::string& reference_id, int stratum, int local_stratum);

/// True when a chain to UTC is alive by the age of its last update: servers go on calling
/// themselves synchronized for days after their source died. An hour is the longest that a source
/// polled every 1024 s leaves open, and a reference ahead of the clock is none.
bool is_alive(Seconds reference_age);

/// How old the last reply may be before its receiver counts as without a source: three polls, and
/// at least two minutes, because one lost datagram is no news.
Seconds longest_silence(Seconds poll_interval);

/// Of a time that may be off by more than the limit.
Judgement over_limit(Seconds bound, Seconds limit);

/// The state of a host that follows the site's server. `limit` is the largest bound its time may
/// have. Where something is not known the answer is the lesser state: not knowing where the time
/// comes from makes it an island at best, and the unknown bound of a recent reply is the limit
/// itself. Without any reply it is infinite. Bounds grow by the wander of this host's clock from
/// the last reply on.
Judgement judge_client(const ServerView& server, const FollowerView& follower, int local_stratum,
                       Seconds limit);

}  // namespace timectl::quality
