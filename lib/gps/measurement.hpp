// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "gps/report.hpp"
#include "gps/spread.hpp"
#include "system/time_daemons.hpp"

#include <optional>
#include <string>
#include <vector>

/// Measuring how late a receiver's sentences come: against a clock that is right by another source.
namespace timectl::gps {

/// Collects the lateness of each second in which the receiver has a fix.
class Measurement {
 public:
  void take(const Report& report);

  std::size_t count() const { return values_.size(); }
  Spread spread() const { return spread_of(values_); }
  const std::vector<Seconds>& values() const { return values_; }
  FixMode mode() const { return mode_; }
  int seconds_without_fix() const { return without_fix_; }
  const Device& device() const { return device_; }

 private:
  FixMode mode_ = FixMode::none;
  int without_fix_ = 0;
  Device device_;
  std::vector<Seconds> values_;
};

/// What the system clock is right by.
struct Reference {
  std::string by;       ///< a source's name; "" where it may not be measured against
  std::string why_not;  ///< half a sentence
};

/// The most that the clock may be off.
constexpr Seconds largest_bound{0.05};

/// `calibrated`: the pulse was used with a final calibration, and shows whether the sentences
/// moved.
Reference reference_of(const std::optional<system::ChronyReport>& chronyd, bool calibrated);

}  // namespace timectl::gps
