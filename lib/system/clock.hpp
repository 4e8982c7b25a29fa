// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/time.hpp"

#include <chrono>
#include <string>

namespace timectl::system {

/// What adjtimex(2) says of the kernel's clock discipline. `synchronized` and `maximum_error` are
/// claims of the program that set them, and the error grows by 500 ppm when no program does.
struct ClockDiscipline {
  bool synchronized = false;  ///< STA_UNSYNC is not set
  Seconds maximum_error{};
  Seconds estimated_error{};
  double frequency_ppm = 0;
  int tai_minus_utc = 0;  ///< seconds; 0 where no program has set it
};

class Clock {
 public:
  virtual ~Clock() = default;

  virtual WallTime now() const = 0;
  /// Since this boot, suspended time included (CLOCK_BOOTTIME).
  virtual std::chrono::nanoseconds since_boot() const = 0;
  /// The same without suspended time (CLOCK_MONOTONIC): what systemd stamps its timers with.
  virtual std::chrono::nanoseconds awake_since_boot() const = 0;
  virtual ClockDiscipline discipline() const = 0;
  /// A different text after each boot.
  virtual std::string boot_id() const = 0;
  /// Waits. Monitors and probes that must let time pass ask for it here, so tests need not.
  virtual void sleep(std::chrono::milliseconds span) const = 0;
};

class ClockSetter {
 public:
  virtual ~ClockSetter() = default;

  /// Steps the system clock (CLOCK_REALTIME). Throws Error{permission}.
  virtual void set(WallTime time) = 0;
};

}  // namespace timectl::system
