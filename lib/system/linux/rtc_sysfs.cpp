// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/rtc_sysfs.hpp"

#include "base/text.hpp"
#include "system/linux/kernel_call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <thread>

namespace timectl::system::os {

namespace {

namespace fs = std::filesystem;
using kernel::read_attribute;

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code problem;
  for (fs::directory_iterator entry{directory, problem}, end; !problem && entry != end;
       entry.increment(problem)) {
    names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// "1-0068": a bus number and a four-digit address.
bool is_i2c_client(const std::string& name) {
  const auto parts = split(name, '-');
  return parts.size() == 2 && to_integer(parts[0]) && parts[1].size() == 4 &&
         parts[1].find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// "maxim,ds3231" and "ds3231" are the same chip.
std::string without_vendor(const std::string& name) { return name.substr(name.find(',') + 1); }

}  // namespace

RtcDevice RtcSysfs::device(const std::string& name) const {
  const auto directory = fmt::format("{}/class/rtc/{}", sysfs_, name);
  RtcDevice rtc;
  rtc.name = name;
  rtc.driver = read_attribute(directory + "/name");
  rtc.set_system_clock = read_attribute(directory + "/hctosys") == "1";
  const auto parent = kernel::link_name(directory + "/device");
  if (is_i2c_client(parent)) {
    rtc.i2c_client = parent;
    rtc.chip = without_vendor(read_attribute(directory + "/device/name"));
  }
  return rtc;
}

std::vector<RtcDevice> RtcSysfs::list() const {
  std::vector<std::pair<long long, RtcDevice>> numbered;
  for (const auto& name : names_in(sysfs_ + "/class/rtc")) {
    if (!name.starts_with("rtc")) continue;
    const auto number = to_integer(name.substr(3));
    if (number) numbered.emplace_back(*number, device(name));
  }
  std::sort(numbered.begin(), numbered.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<RtcDevice> rtcs;
  for (auto& [number, rtc] : numbered) rtcs.push_back(std::move(rtc));
  return rtcs;
}

bool RtcSysfs::has_i2c_bus(int bus) const {
  return fs::exists(fmt::format("{}/bus/i2c/devices/i2c-{}", sysfs_, bus));
}

std::optional<I2cClient> RtcSysfs::i2c_client(int bus, int address) const {
  const auto directory = fmt::format("{}/bus/i2c/devices/{}-{:04x}", sysfs_, bus, address);
  if (!fs::exists(directory)) return std::nullopt;
  return I2cClient{without_vendor(read_attribute(directory + "/name")),
                   kernel::link_name(directory + "/driver")};
}

std::optional<double> RtcSysfs::temperature(const RtcDevice& rtc) const {
  if (rtc.i2c_client.empty()) return std::nullopt;
  const auto monitors = fmt::format("{}/bus/i2c/devices/{}/hwmon", sysfs_, rtc.i2c_client);
  for (const auto& name : names_in(monitors)) {
    const auto text = read_attribute(fmt::format("{}/{}/temp1_input", monitors, name));
    if (const auto millidegrees = to_integer(text)) {
      return static_cast<double>(*millidegrees) / 1000.0;
    }
  }
  return std::nullopt;
}

std::string RtcSysfs::new_device_path(int bus) const {
  return fmt::format("{}/bus/i2c/devices/i2c-{}/new_device", sysfs_, bus);
}

std::optional<RtcHealth> rtc_health(int error) {
  switch (error) {
    case EINVAL:
      return RtcHealth::oscillator_stopped;
    case EIO:
    case ENXIO:
    case ENODEV:
    case EREMOTEIO:
    case ETIMEDOUT:
    case ENOENT:
      return RtcHealth::not_answering;
    case EACCES:
    case EPERM:
      return RtcHealth::no_permission;
    case EBUSY:
      return RtcHealth::busy;
    default:
      return std::nullopt;
  }
}

WallTime from_rtc_time(const rtc_time& time) {
  const std::chrono::year_month_day date{std::chrono::year{time.tm_year + 1900},
                                         std::chrono::month{static_cast<unsigned>(time.tm_mon + 1)},
                                         std::chrono::day{static_cast<unsigned>(time.tm_mday)}};
  return std::chrono::sys_days{date} + std::chrono::hours{time.tm_hour} +
         std::chrono::minutes{time.tm_min} + std::chrono::seconds{time.tm_sec};
}

rtc_time to_rtc_time(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
  rtc_time result{};
  result.tm_year = static_cast<int>(date.year()) - 1900;
  result.tm_mon = static_cast<int>(static_cast<unsigned>(date.month())) - 1;
  result.tm_mday = static_cast<int>(static_cast<unsigned>(date.day()));
  result.tm_wday = static_cast<int>(std::chrono::weekday{day}.c_encoding());
  result.tm_hour = static_cast<int>(clock.hours().count());
  result.tm_min = static_cast<int>(clock.minutes().count());
  result.tm_sec = static_cast<int>(clock.seconds().count());
  return result;
}

int open_when_free(const std::function<int()>& open, std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds pause{20};
  const auto end = std::chrono::steady_clock::now() + patience;
  int opened = open();
  while (opened < 0 && errno == EBUSY && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(pause);
    opened = open();
  }
  return opened;
}

RtcReading read_at_edge(const std::function<RtcReading()>& read) {
  // A DS3231 without its interrupt line cannot say when the second changes (RTC_UIE_ON is
  // refused), so it is asked every 2 ms; one reading takes half a millisecond of the bus.
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds{1100};
  const RtcReading first = read();
  RtcReading latest = first;
  while (latest.health == RtcHealth::readable && latest.time == first.time &&
         std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
    latest = read();
  }
  return latest;
}

}  // namespace timectl::system::os
