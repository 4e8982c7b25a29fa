// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/time.hpp"
#include "system/time_daemons.hpp"

#include <optional>
#include <string>
#include <vector>

/// One file for each program that timectl drives, behind one interface for each kind of program.
namespace timectl::backends {

/// What a daemon says of the day that it has.
enum class Leap { none, inserts, deletes };

/// What a time daemon says of itself, whichever it is.
struct TimeDaemonView {
  bool answered = false;      ///< false: what it follows is not known, it may not even run
  std::string followed;       ///< address of the source that it follows and hears, "" when none
  std::string kept;           ///< address of the source that it keeps to, even when that is silent
  bool hears_other = false;   ///< it hears a source that is not `kept`
  bool hears_source = false;  ///< a source answered one of its last polls
  bool returns_to_first = true;  ///< it goes back to its first server by itself
  /// Its first configured server; "" when it has none, nullopt when that is not known.
  std::optional<std::string> first;
  Leap leap = Leap::none;  ///< announced for the end of this day, or of this month

  // Of the last reply of the source that it keeps to.
  std::optional<Seconds> last_reply_age;  ///< nullopt: there was none
  Seconds poll_interval{};
  std::string reference_id;  ///< eight hex digits, "" when not known
  int stratum = 0;           ///< the source's own
  std::optional<Seconds> bound;

  std::optional<system::ChronyTracking> tracking;            ///< chronyd's
  std::optional<std::vector<system::ChronySource>> sources;  ///< chronyd's
  std::optional<system::ChronyServerStats> server_stats;     ///< chronyd's, where it serves
};

/// A time daemon. Objects of it have no state.
class TimeDaemon {
 public:
  virtual ~TimeDaemon() = default;

  virtual const char* unit() const = 0;
  /// `serves`: what it served is asked for too. Throws Error when the daemon answers and refuses.
  virtual TimeDaemonView observe(const system::TimeDaemonReader& daemons, WallTime now,
                                 bool serves) const = 0;
};

const TimeDaemon& chrony();
const TimeDaemon& timesyncd();

}  // namespace timectl::backends
