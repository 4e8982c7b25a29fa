// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "support/fake_clock.hpp"
#include "system/rtc.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace timectl::test {

/// I2C buses with chips on them, and the rtcN the kernel made of those. An RTC runs with the fake
/// clock. A chip registered as "ds3231" with a stopped oscillator refuses its time until it is
/// written; the driver of "ds1307" hands out 2000-01-01, as the kernel does.
class FakeRtcs : public system::RtcReader, public system::RtcWriter {
 public:
  explicit FakeRtcs(const FakeClock& clock) : clock_(&clock) {}

  void add_bus(int bus) { buses_.insert(bus); }
  /// A chip that answers at an address, without a driver until it is registered.
  void solder(int bus, int address);
  /// What the overlay does at boot: bus, chip, registration under `name`.
  void bind(int bus, int address, const std::string& name);
  /// An RTC that is not on I2C, the Pi 5's own say; takes the next number.
  void add_platform_rtc(const std::string& driver);
  void unplug(int bus, int address);
  void stop_oscillator();
  void run_ahead(std::chrono::nanoseconds span) { ahead_ = span; }
  void set_health(system::RtcHealth health) { health_ = health; }
  void set_voltage_low(bool low) { voltage_low_ = low; }
  void set_temperature(double celsius) { temperature_ = celsius; }
  void mark_hctosys(const std::string& name) { hctosys_ = name; }

  std::vector<system::RtcDevice> list() const override;
  system::RtcReading read(const system::RtcDevice& rtc, bool edge = false) const override;
  bool has_i2c_bus(int bus) const override { return buses_.contains(bus); }
  std::optional<system::I2cClient> i2c_client(int bus, int address) const override;

  void write(const system::RtcDevice& rtc, WallTime time) override;
  void write_system_time(const system::RtcDevice& rtc) override { write(rtc, clock_->now()); }
  void register_chip(int bus, int address, const std::string& chip) override;

  int writes() const { return writes_; }

 private:
  using Place = std::pair<int, int>;

  const FakeClock* clock_;
  std::set<int> buses_;
  std::set<Place> soldered_;
  std::map<Place, std::string> registered_;
  std::vector<system::RtcDevice> devices_;
  std::chrono::nanoseconds ahead_{};
  system::RtcHealth health_ = system::RtcHealth::readable;
  std::optional<double> temperature_;
  std::optional<bool> voltage_low_;
  std::string hctosys_;
  int writes_ = 0;
};

}  // namespace timectl::test
