// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "gps/measurement.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::gps {

void Measurement::take(const Report& report) {
  if (const auto* fix = std::get_if<Fix>(&report)) mode_ = fix->mode;
  if (const auto* found = std::get_if<Devices>(&report); found && !found->devices.empty()) {
    device_ = found->devices.front();
  }
  const auto* late = std::get_if<Lateness>(&report);
  if (late == nullptr) return;
  if (mode_ == FixMode::none) {
    ++without_fix_;
  } else {
    values_.push_back(late->late);
  }
}

Reference reference_of(const std::optional<system::ChronyReport>& chronyd, bool calibrated) {
  if (!chronyd) return {"", "chronyd does not answer"};
  const auto& sources = chronyd->sources;
  const auto selected = std::find_if(sources.begin(), sources.end(),
                                     [](const auto& source) { return source.state == '*'; });
  if (selected == sources.end()) return {"", "chronyd follows no source"};
  // Its own receiver would only be compared with itself.
  const bool is_receiver = selected->mode == '#';
  if (is_receiver && !(calibrated && selected->name == "PPS")) {
    return {"", fmt::format("chronyd follows the receiver ({}), which is to be measured",
                            selected->name)};
  }
  const auto bound = system::error_bound(chronyd->tracking);
  if (bound > largest_bound) {
    return {"", fmt::format("the clock may be {} off, and {} is the most that does not matter",
                            format_span(bound), format_span(largest_bound))};
  }
  return {selected->name, ""};
}

}  // namespace timectl::gps
