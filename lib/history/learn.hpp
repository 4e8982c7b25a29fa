// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "history/sample.hpp"

#include <optional>
#include <vector>

/// What the samples teach.
namespace timectl::history {

/// How fast the RTC runs against the system clock.
struct Drift {
  double ppm = 0;         ///< positive: the RTC gains
  double margin_ppm = 0;  ///< two standard errors
  Seconds span{};         ///< of the samples it was learned from
};

/// From the newest stretch without UTC: while a host follows sources the kernel writes the RTC each
/// eleven minutes, and neither clock runs freely, nor for nine hours after it. Readings have whole
/// seconds, but ticks come at any part of one, so that half a second of error averages out. nullopt
/// before six hours of such a stretch, and without an RTC.
class DriftLearner {
 public:
  struct Point {
    WallTime at{};
    double value = 0;
  };

  /// Samples come in the order in which they were seen; none of them is kept but the stretch's.
  void add(const Sample& sample);
  std::optional<Drift> drift() const;

 private:
  std::vector<Point> stretch_;
  std::optional<WallTime> disciplined_at_;
};

std::optional<Drift> learn_drift(const std::vector<Sample>& samples);

/// How long until the bound passes `limit` if it goes on growing as it does; nullopt when it does
/// not grow, is beyond already, or was watched for less than ten minutes.
std::optional<Seconds> forecast(const std::vector<Sample>& latest, Seconds limit);

}  // namespace timectl::history
