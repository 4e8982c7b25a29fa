// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "rtc/boot_state.hpp"
#include "rtc/rtc.hpp"
#include "system/time_daemons.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

/// Decisions that follow from an assessment. All of them are pure.
namespace timectl::rtc {

/// A yes or no with its reason, for people.
struct Decision {
  bool yes = false;
  std::string reason;
};

/// Is a clock that says `now` before the earliest plausible time?
Decision is_too_early(WallTime now, const EarliestTime& earliest);

/// Has chronyd a reference, be it its own clock or a source that is silent by now? Then
/// system::error_bound says how far off it can be.
bool has_reference(const system::ChronyTracking& tracking);

/// In island mode, in use: chronyd serves this host's own clock (the reference ID of `local`).
inline bool serves_own_clock(const std::optional<system::ChronyTracking>& tracking) {
  return tracking && tracking->reference_id == "7F7F0101";
}

/// True when chronyd follows real sources now: leap not alarmed, stratum 1 to below the site's
/// local stratum, a reference that is neither chrony's own nor an orphan peer's, a reference no
/// older than an hour (chronyd stays "Normal" for days without sources) and a bound under a second.
/// A source at one of `site_servers` (addresses) is not real: two servers of a site would keep each
/// other traceable long after the last word from outside.
bool is_really_synchronized(const system::ChronyTracking& tracking, int local_stratum, WallTime now,
                            const std::vector<std::string>& site_servers);

/// The system clock as island mode depends on it.
struct SystemClockView {
  WallTime now{};
  std::chrono::nanoseconds since_boot{};
};

/// When the last real synchronization of this boot was, since boot; nullopt: there was none.
using Synchronized = std::optional<std::chrono::nanoseconds>;

/// May this host serve its own clock's time? Only after a real synchronization since boot, or with
/// a trusted RTC; never with a clock that is too early or apart from a trusted RTC.
Decision may_enable_island(const Assessment& assessment, const Synchronized& synchronized,
                           const SystemClockView& clock);

/// Must island mode be disabled? Yes on evidence that its clock is wrong: too early, or farther
/// from a trusted RTC than free running explains since boot or since the last real synchronization,
/// whichever was later. An RTC that fails later does not disable it: the time that it gave was
/// right.
Decision must_disable_island(const Assessment& assessment, const Synchronized& synchronized,
                             const SystemClockView& clock);

/// Island mode as chronyd is to be told of it: with `least` as its distance, or with what the
/// sources of this boot needed.
system::LocalReference island_reference(int stratum, Seconds least, const BootState& boot);

/// What the distance of island mode has to become; nullopt: it stays. Sources that are farther away
/// than it would never be followed: it is twice their root distance, so that a lost reply or a
/// longer poll makes no island. Never nearer than `least`, once that was raised. It is judged by a
/// source outside of the site that answered the last poll alone: later the distance grows by
/// itself, and that growth is what makes an island. While chronyd is one although such a source is
/// selected, chronyc tracking shows the island's distance, and it is doubled. Not beyond 3 s,
/// chronyd's own limit of a source (maxdistance of chrony.conf(5)).
std::optional<Seconds> change_of_distance(const system::ChronyTracking& tracking,
                                          const std::vector<system::ChronySource>& sources,
                                          std::optional<Seconds> given, Seconds least,
                                          const std::vector<std::string>& site_servers);

/// Is chronyd to step the clock now? By itself chronyd steps only at its first updates (makestep 1
/// 3); later it slews half a day to correct an hour. Its clients get the right time meanwhile, this
/// host's own programs do not. Yes when the sources and a trusted RTC, which do not depend on each
/// other, agree: from 16 s on the kernel does not write the RTC (MAX_SYNC_ERROR, chronyd's
/// sys_timex.c), and chronyd slews less than that in minutes.
Decision must_step(const Assessment& assessment, const system::ChronyTracking& tracking,
                   int local_stratum, WallTime now, const std::vector<std::string>& site_servers);

/// What to do with the system clock at boot.
struct ClockSetting {
  enum class Action {
    leave,
    from_rtc,
    to_earliest,  ///< the clock stays untrusted
  };
  Action action = Action::leave;
  bool rtc_refused = false;  ///< there is an RTC and it is not plausible
  std::string reason;
};

/// A trusted RTC sets the clock either way. One that is not validated may only move it forward, and
/// not beyond what is plausible: it is better than 1970 and worse than a clock that was saved. A
/// difference under a second is left alone: the kernel has set the clock (RTC_HCTOSYS, which checks
/// nothing). A clock that the kernel set years ahead is set to the earliest plausible time: nothing
/// else would ever lower it.
ClockSetting set_clock_at_boot(const Assessment& assessment, WallTime now);

enum class ClockTrust { untraceable, traceable };

/// The record after this reading, or nullopt when nothing has to be written (at most one write an
/// hour while nothing changes).
///  - Traceable time moves the earliest plausible time both ways; an RTC that agrees with it is
///    validated by the sources, one that does not is not valid any more.
///  - Without it only the RTC's own last reading advances, and only when the RTC ran as the
///    monotonic clock did since an earlier reading of this boot: one wild reading from the future
///    must not make the right ones look bad.
///  - An RTC found stopped or before the build date is not valid any more until it is set and
///    validated again. Nor is one that two steady readings show behind its last reading or far
///    ahead.
std::optional<Record> next_record(const std::optional<Record>& record, const Assessment& assessment,
                                  ClockTrust trust, const std::optional<SteadyReading>& earlier,
                                  const SystemClockView& clock);

/// The record after `time` was written to the RTC by "operator" or "sources".
Record validated_record(const std::optional<Record>& record, WallTime time, ClockTrust trust,
                        const std::string& validated_by);

/// The same after an operator set a time before the earliest plausible one: what was on record is
/// forgotten.
Record forced_record(WallTime time);

}  // namespace timectl::rtc
