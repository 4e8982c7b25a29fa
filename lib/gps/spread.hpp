// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <vector>

namespace timectl::gps {

/// Where measured values lie, by ranks: outliers, which a busy host makes, move neither number.
struct Spread {
  std::size_t count = 0;
  Seconds median{};
  Seconds low{};   ///< a twentieth is below
  Seconds high{};  ///< a twentieth is above

  Seconds width() const { return high - low; }
};

/// All zero without values.
Spread spread_of(std::vector<Seconds> values);

}  // namespace timectl::gps
