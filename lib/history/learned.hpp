// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "history/sample.hpp"
#include "quality/wander.hpp"
#include "system/files.hpp"

#include <optional>
#include <span>

/// What this host has recorded of its own clocks, and the wander that follows from it.
namespace timectl::history {

/// Between which frequencies the system clock was while sources corrected it.
struct FrequencySpread {
  double least_ppm = 0;
  double largest_ppm = 0;
  Seconds recorded{};  ///< for how long that was seen
};

/// What the RTC had done by itself when sources came back after a while.
struct RtcRun {
  Seconds ahead{};  ///< of UTC, to a second either way
  Seconds span{};   ///< since the sources last vouched for it
  WallTime at{};    ///< when the sources came back
};

/// Kept in /var/lib/timectl/learned.json, because it is needed right after a power cut.
struct Learned {
  WallTime looked_at{};  ///< when the history was last read for it
  std::optional<FrequencySpread> frequency;
  std::optional<RtcRun> rtc;
};

/// Nothing, where the file is missing, is damaged, another version's, or not root's own: the bounds
/// then grow as those of a host that has just been set up.
Learned read_learned(const system::FileReader& files);

/// Replaces the file durably. Throws Error{io}.
void write_learned(system::FileStore& files, const Learned& learned);

/// The wander that the bounds of this host grow by. A week of records takes the place of the
/// constants, down to 1 ppm: what one week saw does not speak for the year's heat and cold. Less
/// than a week only makes them larger, as soon as it has seen more.
quality::Wander wander_of(const Learned& learned);

/// Collects the spread. Samples come in the order in which they were seen, with the channels state,
/// frequency_ppm and skew_ppm.
class FrequencyLearner {
 public:
  void add(const Sample& sample);
  std::optional<FrequencySpread> spread() const { return spread_; }

 private:
  std::optional<FrequencySpread> spread_;
  WallTime last_{};
};

/// How far back the spread is looked for.
constexpr std::chrono::days spread_window{28};

/// Adds a spread to what was learned. A week of it takes the place of the one before; less than
/// that, as after a long time without sources, only widens it.
void add_spread(const FrequencySpread& spread, Learned& learned);

/// The moment at which sources were followed again.
struct Return {
  BootId boot{};
  WallTime utc{};        ///< by the sources
  Seconds since_boot{};  ///< by the clock that nobody sets
};

/// chronyd may slew for a while until its time is good enough to be called synchronized.
constexpr std::chrono::hours run_window{2};

/// How far the RTC was ahead of UTC before the sources came back: by the readings of this boot
/// while none could be selected. As soon as one is, the kernel may have set the RTC (rtcsync;
/// kernel/time/ntp.c). nullopt: there are fewer than five in run_window, or they do not agree.
std::optional<Seconds> rtc_before(const Return& moment, std::span<const Sample> latest);

/// Adds a run to what was learned. The larger wander stays, for a year; a run of less than a day
/// says nothing, and one of more than 100 ppm is no drift: the RTC was set, or lost its time.
void add_run(const RtcRun& run, Learned& learned);

}  // namespace timectl::history
