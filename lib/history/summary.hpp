// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "history/channels.hpp"
#include "history/sample.hpp"

#include <array>
#include <cstddef>
#include <vector>

namespace timectl::history {

/// A value of each channel, in their order. NaN: missing.
using ChannelValues = std::array<double, channels.size()>;

constexpr ChannelValues no_values() {
  ChannelValues values{};
  values.fill(nothing);
  return values;
}

/// One stretch of time, of all that was seen in it.
struct Slot {
  WallTime from{};
  std::size_t seen = 0;
  quality::State worst = quality::State::traceable;
  BootId boot{};  ///< the latest
  double least_offset_s = nothing;
  double most_offset_s = nothing;
  ChannelValues values = no_values();  ///< summed up as each channel says
};

struct Summary {
  WallTime from{};
  WallTime until{};
  Seconds slot_span{};
  std::vector<Slot> slots;  ///< one after the other, also those in which nothing was seen
};

/// Sums samples up one by one: a year of them is not held in memory.
class Summarizer {
 public:
  /// `count` slots of equal length; what is outside from..until is left out.
  /// Only channels that are `wanted` get values.
  Summarizer(WallTime from, WallTime until, std::size_t count,
             const ChannelSet& wanted = all_channels);

  void add(const Sample& sample);
  Summary summary() const;

 private:
  std::size_t slot_of(WallTime at);

  Summary summary_;
  WallTime::duration step_;
  std::vector<const Channel*> wanted_;
  std::size_t latest_ = 0;             ///< the slot of the sample before
  std::vector<ChannelValues> counts_;  ///< of each slot: how many values a mean has so far
};

Summary summarize(const std::vector<Sample>& samples, WallTime from, WallTime until,
                  std::size_t count);

}  // namespace timectl::history
