// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/time.hpp"
#include "quality/quality.hpp"

#include <array>
#include <cstdint>
#include <limits>

namespace timectl::publish {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// The kernel's boot_id; all zero: not known, as of what versions before 0.2.0 wrote.
using BootId = std::array<std::uint8_t, 16>;

/// What one check saw, as far as the history keeps it. What it did not see is NaN; a bound that is
/// not known is infinite. Each value but the first two is a measure (measures.hpp).
struct Sample {
  WallTime at{};  ///< whole seconds
  BootId boot{};
  quality::State state = quality::State::unsynchronized;
  bool saving = false;
  double bound_s = nothing;
  double offset_s = nothing;     ///< positive: the system clock is slow
  double rtc_ahead_s = nothing;  ///< of the system clock, to half a second either way
  double since_boot_s = nothing;
  double frequency_ppm = nothing;
  double skew_ppm = nothing;
  double reach = nothing;
  double source_age_s = nothing;
  double selectable_sources = nothing;
  double requests = nothing;
  double requests_dropped = nothing;
  double clients = nothing;
  double rtc_temperature_c = nothing;
  double soc_temperature_c = nothing;
};

}  // namespace timectl::publish
