// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "history/sample.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace timectl::history {

/// One stretch of time, of all that was seen in it. NaN is what nobody saw.
struct Slot {
  WallTime from{};
  std::size_t seen = 0;
  quality::State worst = quality::State::traceable;
  double saving = 0;          ///< the part of the samples that saved power, 0 to 1
  double bound_s = nothing;   ///< the largest
  double offset_s = nothing;  ///< the mean
  double least_offset_s = nothing;
  double most_offset_s = nothing;
  double rtc_ahead_s = nothing;  ///< the mean
};

struct Summary {
  WallTime from{};
  WallTime until{};
  Seconds slot_span{};
  std::vector<Slot> slots;  ///< one after the other, also those in which nothing was seen
};

/// `count` slots of equal length; what is outside from..until is left out.
Summary summarize(const std::vector<Sample>& samples, WallTime from, WallTime until,
                  std::size_t count);

}  // namespace timectl::history
