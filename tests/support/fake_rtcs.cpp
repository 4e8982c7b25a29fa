// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "support/fake_rtcs.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::test {

namespace {

constexpr std::chrono::sys_days power_on{std::chrono::year{2000} / 1 / 1};

std::string client_name(int bus, int address) { return fmt::format("{}-{:04x}", bus, address); }

}  // namespace

void FakeRtcs::solder(int bus, int address) {
  add_bus(bus);
  soldered_.insert({bus, address});
}

void FakeRtcs::bind(int bus, int address, const std::string& name) {
  solder(bus, address);
  register_chip(bus, address, name);
}

void FakeRtcs::add_platform_rtc(const std::string& driver) {
  devices_.push_back({fmt::format("rtc{}", devices_.size()), driver, "", "", false});
}

void FakeRtcs::unplug(int bus, int address) {
  soldered_.erase({bus, address});
  health_ = system::RtcHealth::not_answering;
}

void FakeRtcs::stop_oscillator() { health_ = system::RtcHealth::oscillator_stopped; }

void FakeRtcs::register_chip(int bus, int address, const std::string& chip) {
  const Place place{bus, address};
  if (!buses_.contains(bus) || registered_.contains(place)) {
    throw Error{ErrorKind::io, fmt::format("cannot register '{}': device or resource busy", chip)};
  }
  registered_[place] = chip;
  if (!soldered_.contains(place)) return;  // sysfs has the client, and the driver's probe failed
  const auto client = client_name(bus, address);
  devices_.push_back(
      {fmt::format("rtc{}", devices_.size()), "rtc-ds1307 " + client, chip, client, false});
}

std::vector<system::RtcDevice> FakeRtcs::list() const {
  auto devices = devices_;
  for (auto& device : devices) device.set_system_clock = device.name == hctosys_;
  return devices;
}

system::RtcReading FakeRtcs::read(const system::RtcDevice& rtc, bool edge) const {
  system::RtcReading reading;
  reading.health = health_;
  const bool hides_stop = rtc.chip == "ds1307";
  if (health_ == system::RtcHealth::oscillator_stopped && hides_stop) {
    reading.health = system::RtcHealth::readable;
    reading.time = power_on;
    reading.system_time = clock_->now();
    return reading;
  }
  reading.temperature_c = temperature_;
  reading.voltage_low = voltage_low_;
  if (health_ != system::RtcHealth::readable) return reading;
  const auto shown = [&] {
    return std::chrono::floor<std::chrono::seconds>(clock_->now() + ahead_);
  };
  if (edge) clock_->advance(shown() + std::chrono::seconds{1} - (clock_->now() + ahead_));
  reading.time = shown();
  reading.system_time = clock_->now();
  return reading;
}

std::optional<system::I2cClient> FakeRtcs::i2c_client(int bus, int address) const {
  const auto found = registered_.find({bus, address});
  if (found == registered_.end()) return std::nullopt;
  const bool bound = soldered_.contains({bus, address});
  return system::I2cClient{found->second, bound ? "rtc-ds1307" : ""};
}

void FakeRtcs::write(const system::RtcDevice& /*rtc*/, WallTime time) {
  ++writes_;
  if (health_ == system::RtcHealth::oscillator_stopped) health_ = system::RtcHealth::readable;
  ahead_ = time - clock_->now();
}

}  // namespace timectl::test
