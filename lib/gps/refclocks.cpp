// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "gps/refclocks.hpp"

#include <fmt/format.h>

namespace timectl::gps {

namespace {

std::string why_no_pulse(const Situation& now) {
  if (!now.wants_pulse) return "";
  if (!now.has_pulse) return "there is no /dev/pps0";
  if (!now.offset) return "the receiver is not calibrated";
  return "";
}

}  // namespace

Refclocks refclocks_for(const Situation& now) {
  Refclocks result;
  result.why_no_pulse = why_no_pulse(now);
  const bool uses_pulse = now.wants_pulse && result.why_no_pulse.empty();
  const auto offset = now.offset.value_or(now.estimate.value_or(Seconds{}));
  // chronyd takes half of the delay for the most that a sentence can be off.
  const auto delay = now.offset ? 0.2 : 1.0;
  // Beside the pulse it only names the second; as a source of its own it would have a second vote
  // for the same receiver. Uncalibrated it is worse than what others say, or have said.
  const bool is_selectable = !uses_pulse && (now.offset || !now.has_other_sources);
  result.lines.push_back(
      fmt::format("refclock SHM 0 refid NMEA offset {} delay {} precision 1e-3 poll 3{}",
                  offset.count(), delay, is_selectable ? "" : " noselect"));
  if (uses_pulse) {
    result.lines.emplace_back("refclock PPS /dev/pps0 refid PPS lock NMEA poll 3 prefer");
  }
  return result;
}

}  // namespace timectl::gps
