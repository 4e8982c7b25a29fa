// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "gps/spread.hpp"

#include <algorithm>

namespace timectl::gps {

Spread spread_of(std::vector<Seconds> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const auto count = values.size();
  const auto last = count - 1;
  // Of an even number the mean of the two in the middle.
  const auto median = (values[last / 2] + values[count / 2]) / 2;
  return {count, median, values[count / 20], values[last - count / 20]};
}

}  // namespace timectl::gps
