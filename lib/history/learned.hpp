// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "history/learn.hpp"
#include "history/sample.hpp"
#include "quality/wander.hpp"
#include "system/files.hpp"

#include <optional>
#include <string>
#include <string_view>

/// What this host has recorded of its own clocks, and the wander that follows from it.
namespace timectl::history {

/// How far a clock went from its own rate.
struct Spread {
  double ppm = 0;
  Seconds recorded{};  ///< for how long that was seen
  WallTime at{};       ///< when it was seen last
};

/// Kept in /var/lib/timectl/learned.json, because it is needed right after a power cut.
struct Learned {
  WallTime looked_at{};         ///< when the history was last read for it
  std::optional<Spread> clock;  ///< the frequencies by which chronyd corrected the system clock
  std::optional<Spread> rtc;    ///< the RTC's rate, margins included
  std::string chip = {};        ///< whose rate `rtc` is; "" for any
  /// Since when the RTC is the chip that it is, where another one was known before: its samples
  /// from before are of that one.
  std::optional<WallTime> chip_since = {};
  /// The file cannot be trusted: what was measured is not known. Never kept.
  bool is_damaged = false;
  bool is_of_other_chip = false;  ///< it named another one; `rtc` is empty then. Never kept.
};

/// Nothing where there is no file. One with `is_damaged` where it is torn, another version's, or
/// not root's own. What was learned of another chip than `chip` does not count; a file or a caller
/// that names no chip means any.
Learned read_learned(const system::FileReader& files, std::string_view chip = {});

/// Since when samples are of the RTC that is there now, `window` back at most. A chip that is new
/// by a clock that was ahead is new now.
WallTime drift_since(const Learned& learned, std::chrono::nanoseconds window, WallTime now);

/// Replaces the file durably. Throws Error{io}.
void write_learned(system::FileStore& files, const Learned& learned);

/// The wander that the bounds of this host grow by. A week of records takes the place of the
/// constants, down to 5 ppm for the clock (what a crystal does with 20 degrees, which a power cut
/// may bring to a site) and 1 ppm for the RTC. Less than a week only makes them larger, as soon as
/// it has seen more. Where it is not known what was measured they are as large as a crystal and a
/// cold RTC allow. `usual` has those constants, of this host's clocks.
quality::Wander wander_of(const Learned& learned, const quality::Wander& usual = {});

/// Adds what was seen to what is known: the larger stays, for a year.
void add(const Spread& seen, std::optional<Spread>& known);

/// The RTC's rate by how it drifts from the system clock, margins included: when it is surely more
/// than `usual`, its chip's, or surely less after a week. Of two clocks without sources either may
/// be the wrong one: nullopt, too, unless a week has shown how far this host's clock goes.
std::optional<Spread> rate_of_rtc(const Drift& drift, const Learned& learned, WallTime now,
                                  double usual = quality::Wander{}.rtc);

/// Collects the spread of the frequency. Samples come in the order in which they were seen, with
/// the channels state, frequency_ppm and skew_ppm.
class FrequencyLearner {
 public:
  void add(const Sample& sample);
  std::optional<Spread> spread() const;

 private:
  double least_ppm_ = 0;
  double largest_ppm_ = 0;
  Seconds recorded_{};
  std::optional<WallTime> last_;
};

/// How far back the frequency is searched.
constexpr std::chrono::days spread_window{28};

}  // namespace timectl::history
