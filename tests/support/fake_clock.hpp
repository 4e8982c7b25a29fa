// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/clock.hpp"

#include <atomic>
#include <string>

namespace timectl::test {

/// A clock that stands still until it is advanced; sleeping advances it.
class FakeClock : public system::Clock, public system::ClockSetter {
 public:
  /// 2026-11-20T12:00:00Z, an hour after boot.
  FakeClock() = default;
  explicit FakeClock(WallTime now) : nanoseconds_(now.time_since_epoch().count()) {}

  void advance(std::chrono::nanoseconds span) const;
  /// The host sleeps: wall and boot time go on, time awake does not.
  void suspend(std::chrono::nanoseconds span);
  /// Another boot: another id, and time since boot starts again.
  void reboot();

  WallTime now() const override;
  std::chrono::nanoseconds since_boot() const override;
  std::chrono::nanoseconds awake_since_boot() const override;
  system::ClockDiscipline discipline() const override { return discipline_; }
  std::string boot_id() const override;
  void sleep(std::chrono::milliseconds span) const override { advance(span); }
  void set(WallTime time) override;

  system::ClockDiscipline discipline_;

 private:
  // Probes ask from several threads.
  mutable std::atomic<std::int64_t> nanoseconds_{1'795'176'000'000'000'000};
  mutable std::atomic<std::int64_t> since_boot_{3'600'000'000'000};
  std::chrono::nanoseconds slept_{};
  int boots_ = 1;
};

}  // namespace timectl::test
