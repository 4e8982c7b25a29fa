// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/rtc.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <linux/rtc.h>

/// The parts of the RTC adapter that can be tried without an RTC.
namespace timectl::system::os {

/// What sysfs knows of RTCs and I2C. `sysfs` is /sys, or a made tree.
class RtcSysfs {
 public:
  explicit RtcSysfs(std::string sysfs) : sysfs_(std::move(sysfs)) {}

  /// In the order of their numbers.
  std::vector<RtcDevice> list() const;
  bool has_i2c_bus(int bus) const;
  std::optional<I2cClient> i2c_client(int bus, int address) const;
  std::optional<double> temperature(const RtcDevice& rtc) const;
  /// The file that takes "chip address" lines.
  std::string new_device_path(int bus) const;

 private:
  RtcDevice device(const std::string& name) const;

  std::string sysfs_;
};

/// What an errno of opening the device or of RTC_RD_TIME says about the clock; nullopt for one that
/// says nothing.
std::optional<RtcHealth> rtc_health(int error);

/// The kernel opens an RTC for one program at a time (drivers/rtc/dev.c), and a reading at the edge
/// holds it for a second. Calls `open` (a descriptor, or -1 and errno) again while it says EBUSY,
/// for `patience` at most; what the last call said is returned.
int open_when_free(const std::function<int()>& open,
                   std::chrono::milliseconds patience = std::chrono::seconds{4});

WallTime from_rtc_time(const rtc_time& time);
rtc_time to_rtc_time(WallTime time);

/// Reads again and again until the second changes, for 1.1 s at most: an RTC that stands still
/// gives its last reading.
RtcReading read_at_edge(const std::function<RtcReading()>& read);

}  // namespace timectl::system::os
