// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/rtc.hpp"

#include "base/error.hpp"
#include "system/linux/kernel_call.hpp"
#include "system/linux/linux.hpp"
#include "system/linux/rtc_sysfs.hpp"

#include <fmt/format.h>

#include <thread>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

// Of linux/rtc.h since 5.11; older headers know only the ioctl.
#ifndef RTC_VL_DATA_INVALID
#define RTC_VL_DATA_INVALID 0x1
#define RTC_VL_BACKUP_LOW 0x2
#define RTC_VL_BACKUP_EMPTY 0x4
#endif

namespace timectl::system::os {

namespace {

constexpr auto sysfs = "/sys";

std::string device_path(const RtcDevice& rtc) { return "/dev/" + rtc.name; }

kernel::Descriptor open_device(const std::string& path) {
  return kernel::Descriptor{
      open_when_free([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); })};
}

RtcReading unreadable(const std::string& path, int error) {
  const auto health = rtc_health(error);
  if (!health) kernel::fail(fmt::format("read the RTC '{}'", path), error);
  RtcReading reading;
  reading.health = *health;
  reading.system_time = kernel::wall_now();
  return reading;
}

RtcReading read_once(const kernel::Descriptor& device, const std::string& path) {
  rtc_time time{};
  const auto before = kernel::wall_now();
  if (::ioctl(device.get(), RTC_RD_TIME, &time) != 0) return unreadable(path, errno);
  const auto after = kernel::wall_now();
  RtcReading reading;
  reading.time = from_rtc_time(time);
  // Half of the bus transfer: the chip latches its registers somewhere within it.
  reading.system_time = before + (after - before) / 2;
  return reading;
}

std::optional<bool> voltage_low(const kernel::Descriptor& device) {
  unsigned int flags = 0;
  if (::ioctl(device.get(), RTC_VL_READ, &flags) != 0) return std::nullopt;
  return (flags & (RTC_VL_DATA_INVALID | RTC_VL_BACKUP_LOW | RTC_VL_BACKUP_EMPTY)) != 0;
}

class LinuxRtcReader : public RtcReader {
 public:
  std::vector<RtcDevice> list() const override { return sysfs_.list(); }
  bool has_i2c_bus(int bus) const override { return sysfs_.has_i2c_bus(bus); }
  std::optional<I2cClient> i2c_client(int bus, int address) const override {
    return sysfs_.i2c_client(bus, address);
  }

  RtcReading read(const RtcDevice& rtc, bool edge) const override {
    const auto path = device_path(rtc);
    const auto device = open_device(path);
    RtcReading reading = device ? read_open(device, path, edge) : unreadable(path, errno);
    reading.temperature_c = sysfs_.temperature(rtc);
    return reading;
  }

 private:
  static RtcReading read_open(const kernel::Descriptor& device, const std::string& path,
                              bool edge) {
    const auto once = [&] { return read_once(device, path); };
    RtcReading reading = edge ? read_at_edge(once) : once();
    reading.voltage_low = voltage_low(device);
    return reading;
  }

  RtcSysfs sysfs_{sysfs};
};

class LinuxRtcWriter : public RtcWriter {
 public:
  void write(const RtcDevice& rtc, WallTime time) override {
    const auto called = std::chrono::steady_clock::now();
    const auto path = device_path(rtc);
    const auto device = open_device(path);
    if (!device) kernel::fail(fmt::format("open the RTC '{}'", path));
    // Writing the seconds register restarts the chip's second, so the write itself is the edge.
    // Opening may have waited for another program: the first second that is still to come.
    const auto waited = std::chrono::steady_clock::now() - called;
    const auto second = std::chrono::ceil<std::chrono::seconds>(time + waited);
    std::this_thread::sleep_until(called + (second - time));
    const rtc_time value = to_rtc_time(second);
    if (::ioctl(device.get(), RTC_SET_TIME, &value) != 0) {
      kernel::fail(fmt::format("set the RTC '{}' to '{}'", path, format_utc(second)));
    }
  }

  void write_system_time(const RtcDevice& rtc) override { write(rtc, kernel::wall_now()); }

  void register_chip(int bus, int address, const std::string& chip) override {
    const auto path = sysfs_.new_device_path(bus);
    const auto line = fmt::format("{} 0x{:02x}\n", chip, address);
    const kernel::Descriptor file{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
    if (!file || ::write(file.get(), line.data(), line.size()) < 0) {
      kernel::fail(
          fmt::format("register the chip '{}' at 0x{:02x} on I2C bus {}", chip, address, bus));
    }
  }

 private:
  RtcSysfs sysfs_{sysfs};
};

}  // namespace

std::unique_ptr<RtcReader> make_rtc_reader() { return std::make_unique<LinuxRtcReader>(); }
std::unique_ptr<RtcWriter> make_rtc_writer() { return std::make_unique<LinuxRtcWriter>(); }

}  // namespace timectl::system::os
