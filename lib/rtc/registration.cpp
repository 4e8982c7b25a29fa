// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "rtc/registration.hpp"

namespace timectl::rtc {

namespace {

constexpr std::chrono::milliseconds pause{100};

bool is_usable(const system::RtcReader& rtcs, const Identity& chip) {
  const auto client = rtcs.i2c_client(chip.bus, chip.address);
  if (!client || client->driver.empty()) return false;
  return find_device(rtcs.list(), chip).has_value();
}

template <typename Condition>
bool wait_until(const system::Clock& clock, std::chrono::milliseconds limit, Condition is_so) {
  const auto until = clock.since_boot() + limit;
  while (!is_so()) {
    if (clock.since_boot() >= until) return false;
    clock.sleep(pause);
  }
  return true;
}

}  // namespace

std::chrono::seconds patience(const system::FileReader& files, std::chrono::seconds asked) {
  const bool udev_runs = files.status(system::RootedPath{"/run/udev/control"}).has_value();
  return udev_runs ? asked : std::chrono::seconds{0};
}

bool wait_for_bus(const system::RtcReader& rtcs, const system::Clock& clock, int bus,
                  std::chrono::milliseconds limit) {
  return wait_until(clock, limit, [&] { return rtcs.has_i2c_bus(bus); });
}

bool wait_until_usable(const system::RtcReader& rtcs, const system::Clock& clock,
                       const Identity& chip, std::chrono::milliseconds limit) {
  return wait_until(clock, limit, [&] { return is_usable(rtcs, chip); });
}

}  // namespace timectl::rtc
