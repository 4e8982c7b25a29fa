// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "support/fake_clock.hpp"

#include <fmt/format.h>

namespace timectl::test {

void FakeClock::advance(std::chrono::nanoseconds span) const {
  nanoseconds_ += span.count();
  since_boot_ += span.count();
}

void FakeClock::suspend(std::chrono::nanoseconds span) {
  advance(span);
  slept_ += span;
}

void FakeClock::reboot() {
  ++boots_;
  since_boot_ = 0;
  slept_ = {};
}

WallTime FakeClock::now() const { return WallTime{std::chrono::nanoseconds{nanoseconds_}}; }

std::chrono::nanoseconds FakeClock::since_boot() const {
  return std::chrono::nanoseconds{since_boot_};
}

std::chrono::nanoseconds FakeClock::awake_since_boot() const { return since_boot() - slept_; }

std::string FakeClock::boot_id() const { return fmt::format("{:032x}", boots_); }

void FakeClock::set(WallTime time) { nanoseconds_ = time.time_since_epoch().count(); }

}  // namespace timectl::test
