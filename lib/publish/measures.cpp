// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "publish/measures.hpp"

#include <string_view>

namespace timectl::publish {

namespace {

constexpr std::string_view name_of(const Measure& measure) {
  return measure.metric.name == nullptr ? "" : measure.metric.name;
}

/// Each key once, and a metric's rows side by side: its heading stands above the first.
constexpr bool are_well_formed() {
  for (std::size_t i = 0; i < measures.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (std::string_view{measures[i].key} == measures[j].key) return false;
      const auto name = name_of(measures[i]);
      if (!name.empty() && name == name_of(measures[j]) && name != name_of(measures[i - 1])) {
        return false;
      }
    }
  }
  return true;
}
static_assert(are_well_formed());

}  // namespace

}  // namespace timectl::publish
