// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/time.hpp"
#include "quality/quality.hpp"

#include <limits>

namespace timectl::history {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// What one tick saw. What it did not see is NaN; a bound that nobody knows is infinite.
struct Sample {
  WallTime at{};  ///< whole seconds
  quality::State state = quality::State::unsynchronized;
  bool saving = false;
  double bound_s = nothing;
  double offset_s = nothing;     ///< positive: the system clock is slow
  double rtc_ahead_s = nothing;  ///< of the system clock, to half a second either way
};

}  // namespace timectl::history
