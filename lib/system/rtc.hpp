// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace timectl::system {

/// One of /sys/class/rtc/rtcN. Numbers are dealt out in order of discovery: find an RTC by chip
/// and bus, never by number.
struct RtcDevice {
  std::string name;               ///< "rtc0"
  std::string driver;             ///< /sys/class/rtc/rtc0/name, e.g. "rtc-ds1307 1-0068"
  std::string chip;               ///< the I2C client's name ("ds3231"), "" when it is not on I2C
  std::string i2c_client;         ///< "1-0068", "" when it is not on I2C
  bool set_system_clock = false;  ///< the kernel set the system clock from it (hctosys)
};

enum class RtcHealth {
  readable,
  oscillator_stopped,  ///< EINVAL: the driver knows that power was lost and refuses the time
  not_answering,       ///< EIO, ENXIO: the chip does not acknowledge on the bus
  no_permission,
  busy,
};

struct RtcReading {
  RtcHealth health = RtcHealth::readable;
  WallTime time{};                      ///< whole seconds, UTC; only when readable
  WallTime system_time{};               ///< the system clock at the same instant
  std::optional<bool> voltage_low;      ///< RTC_VL_READ, where the driver has it
  std::optional<double> temperature_c;  ///< hwmon of the chip, where it has one
};

/// What sits at an I2C address according to sysfs.
struct I2cClient {
  std::string name;    ///< "ds3231"; for a device-tree node the part behind the comma
  std::string driver;  ///< "rtc-ds1307", "" when nothing is bound
};

class RtcReader {
 public:
  virtual ~RtcReader() = default;

  virtual std::vector<RtcDevice> list() const = 0;
  /// Reads the RTC's time (RTC_RD_TIME). With `edge` it waits (up to 1.1 s) for the second to
  /// change, so that `time` is right to a few milliseconds instead of within a second.
  virtual RtcReading read(const RtcDevice& rtc, bool edge = false) const = 0;
  virtual bool has_i2c_bus(int bus) const = 0;
  virtual std::optional<I2cClient> i2c_client(int bus, int address) const = 0;
};

class RtcWriter {
 public:
  virtual ~RtcWriter() = default;

  /// Writes `time` at the start of its second: the call may wait up to a second. It clears the
  /// oscillator-stopped flag where the driver does so.
  virtual void write(const RtcDevice& rtc, WallTime time) = 0;
  /// Writes the system clock's time, aligned so that both change seconds together.
  virtual void write_system_time(const RtcDevice& rtc) = 0;
  /// Registers a chip with the kernel by /sys/bus/i2c/devices/i2c-N/new_device. The caller has
  /// checked first: a second registration fails with EBUSY.
  virtual void register_chip(int bus, int address, const std::string& chip) = 0;
};

}  // namespace timectl::system
