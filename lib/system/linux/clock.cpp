// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/clock.hpp"

#include "base/error.hpp"
#include "system/linux/kernel_call.hpp"
#include "system/linux/linux.hpp"

#include <fmt/format.h>

#include <thread>

#include <sys/timex.h>
#include <time.h>

namespace timectl::system::os {

namespace {

std::chrono::nanoseconds read_clock(clockid_t which) {
  timespec time{};
  if (::clock_gettime(which, &time) != 0) kernel::fail("read the time since boot");
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

class LinuxClock : public Clock {
 public:
  WallTime now() const override { return kernel::wall_now(); }

  std::chrono::nanoseconds since_boot() const override { return read_clock(CLOCK_BOOTTIME); }

  std::chrono::nanoseconds awake_since_boot() const override { return read_clock(CLOCK_MONOTONIC); }

  ClockDiscipline discipline() const override {
    timex state{};  // modes 0: only asks
    if (::adjtimex(&state) < 0) kernel::fail("read the clock's discipline");
    ClockDiscipline result;
    result.synchronized = (state.status & STA_UNSYNC) == 0;
    result.maximum_error = std::chrono::microseconds{state.maxerror};
    result.estimated_error = std::chrono::microseconds{state.esterror};
    result.tai_minus_utc = state.tai;
    result.frequency_ppm = static_cast<double>(state.freq) / 65536.0;
    return result;
  }

  std::string boot_id() const override {
    constexpr auto path = "/proc/sys/kernel/random/boot_id";
    auto id = kernel::read_attribute(path);
    if (id.empty()) throw Error{ErrorKind::io, fmt::format("cannot read '{}'", path)};
    return id;
  }

  void sleep(std::chrono::milliseconds span) const override { std::this_thread::sleep_for(span); }
};

class LinuxClockSetter : public ClockSetter {
 public:
  void set(WallTime time) override {
    const timespec wanted = kernel::to_timespec(time.time_since_epoch());
    if (::clock_settime(CLOCK_REALTIME, &wanted) != 0) {
      kernel::fail(fmt::format("set the system clock to '{}'", format_utc(time)));
    }
  }
};

}  // namespace

std::unique_ptr<Clock> make_clock() { return std::make_unique<LinuxClock>(); }
std::unique_ptr<ClockSetter> make_clock_setter() { return std::make_unique<LinuxClockSetter>(); }

}  // namespace timectl::system::os
