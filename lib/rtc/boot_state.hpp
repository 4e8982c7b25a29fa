// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/time.hpp"
#include "system/files.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace timectl::rtc {

/// A reading of the RTC beside the monotonic clock, which cannot be set.
struct SteadyReading {
  WallTime rtc_time{};
  std::chrono::nanoseconds since_boot{};

  bool operator==(const SteadyReading&) const = default;
};

/// What is known since this boot (/run/timectl/rtc.json): gone after the next one.
struct BootState {
  std::string boot_id;
  /// When the last real synchronization was, since boot; nullopt: none yet.
  std::optional<std::chrono::nanoseconds> synchronized_at;
  /// Runs of chronyd ("": none) in which timectl enabled island mode, and in which the operator
  /// disabled it. A run's local mode ends with it.
  std::string enabled_invocation;
  std::string disabled_invocation = {};
  std::optional<SteadyReading> reading = {};
  /// The clock was set while chronyd ran, which does not know of it: what it calls its last
  /// synchronization is of another clock.
  bool clock_was_set = false;
  /// What the RTC said when the host booted was plausible: it had not lost its time then.
  bool rtc_kept_time = false;
  /// A change of this boot is whole after the next one: the firmware reads config.txt only then.
  bool awaits_reboot = false;
  /// The distance of island mode that chronyd was given in this boot, see change_of_distance();
  /// nullopt: not known, the program of before 0.2 gave none.
  std::optional<Seconds> island_distance = {};

  bool operator==(const BootState&) const = default;
};

/// The state of this boot; a fresh one when there is none, when it cannot be read as one, or when
/// it belongs to another boot.
BootState read_boot_state(const system::FileReader& files, const std::string& boot_id);

void write_boot_state(system::FileStore& files, const BootState& state);

/// Note it. Throw Error{io}.
void note_rtc_kept_time(system::FileStore& files, const std::string& boot_id);
void note_awaited_reboot(system::FileStore& files, const std::string& boot_id);

/// The clock was set: it is no longer the one that sources had synchronized, and its error is not
/// what they left.
enum class Chronyd { stopped, running };
void forget_synchronization(system::FileStore& files, const std::string& boot_id, Chronyd chronyd);

}  // namespace timectl::rtc
