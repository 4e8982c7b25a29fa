// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "platform/platform.hpp"
#include "rtc/chips.hpp"
#include "rtc/rtc.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace timectl::rtc {

namespace {

using namespace std::chrono_literals;

// An RTC counts whole seconds and may be written a moment after the clock it is compared with.
constexpr std::chrono::seconds tolerance{3};

// A coin cell lasts about that long, the longest time without a reading of the RTC.
constexpr auto longest_unwatched = std::chrono::years{10};

struct Verdict {
  Trust trust;
  std::string reason;
};

Verdict judge_health(system::RtcHealth health) {
  switch (health) {
    case system::RtcHealth::oscillator_stopped:
      return {Trust::oscillator_stopped,
              "the RTC lost power (oscillator stopped): its time is invalid until it is set"};
    case system::RtcHealth::not_answering:
      return {Trust::not_readable, "the RTC does not answer on its bus"};
    case system::RtcHealth::no_permission:
      return {Trust::not_readable, "no permission to read the RTC"};
    case system::RtcHealth::busy:
      return {Trust::not_readable, "the RTC is busy"};
    case system::RtcHealth::readable:
      break;
  }
  return {Trust::trusted, ""};
}

/// The newest time on record; a record made without an RTC has no reading of it.
WallTime last_known(const Record& record, WallTime built) {
  return std::max({record.rtc_time, record.last_traceable.value_or(built), built});
}

Verdict judge_time(WallTime time, const std::optional<Record>& record, WallTime built) {
  if (time < built) {
    return {Trust::before_build, fmt::format("the RTC says {}, before timectl was built ({})",
                                             format_utc(time), format_utc(built))};
  }
  if (!record || !record->damage.empty()) return {Trust::never_set, ""};
  if (time + tolerance < record->rtc_time) {
    return {Trust::behind_last_reading,
            fmt::format("the RTC says {}, behind its own last reading {}", format_utc(time),
                        format_utc(record->rtc_time))};
  }
  if (record->last_traceable && time + tolerance < *record->last_traceable) {
    return {Trust::behind_last_reading,
            fmt::format("the RTC says {}, before the last traceable time {}", format_utc(time),
                        format_utc(*record->last_traceable))};
  }
  if (time > last_known(*record, built) + longest_unwatched) {
    return {Trust::far_ahead,
            fmt::format("the RTC says {}, years ahead of the last record {}", format_utc(time),
                        format_utc(last_known(*record, built)))};
  }
  return {record->validated_by.empty() ? Trust::never_set : Trust::trusted, ""};
}

std::string describe_good(Trust trust, const system::RtcReading& reading,
                          const std::optional<Record>& record) {
  const auto time = format_utc(reading.time);
  if (trust == Trust::never_set && record && !record->damage.empty()) {
    return fmt::format("the RTC says {}, plausible, but the record of who validated it is lost: {}",
                       time, record->damage);
  }
  if (trust == Trust::never_set) {
    return fmt::format("the RTC says {}, plausible, but not validated yet", time);
  }
  return fmt::format("the RTC says {}, validated by {} on {}", time,
                     record->validated_by == "operator" ? "the operator" : "real time sources",
                     format_utc(record->validated_at));
}

std::vector<std::string> doubts_about(WallTime time, const std::vector<EarliestTime>& evidence) {
  std::vector<std::string> doubts;
  for (const auto& other : evidence) {
    if (time + tolerance >= other.time) continue;
    doubts.push_back(fmt::format("{} is {} ahead of the RTC: that clock ran fast, or the RTC slow",
                                 other.source, format_span(other.time - time)));
  }
  return doubts;
}

std::optional<EarliestTime> modified(const system::FileReader& files, const std::string& path,
                                     const std::string& source) {
  const auto status = files.status(system::RootedPath{path});
  if (!status) return std::nullopt;
  return EarliestTime{status->modified, source};
}

std::optional<EarliestTime> fake_hwclock(const system::FileReader& files) {
  const auto saved = files.read(system::RootedPath{"/etc/fake-hwclock.data"});
  const auto time = saved ? parse_utc(saved->content) : std::nullopt;
  if (!time) return std::nullopt;
  return EarliestTime{*time, "the time fake-hwclock saved"};
}

/// A board's clock has no I2C client; its device is called after its driver and its node.
bool is_device_of(const system::RtcDevice& device, const Identity& identity) {
  const auto* chip = find_chip(identity.chip);
  if (!chip || chip->is_on_bus()) {
    return device.i2c_client == identity.i2c_client() && device.chip == identity.chip;
  }
  return device.i2c_client.empty() &&
         (device.driver == identity.chip || device.driver.starts_with(identity.chip + " "));
}

}  // namespace

std::string to_string(Trust trust) {
  switch (trust) {
    case Trust::trusted:
      return "trusted";
    case Trust::absent:
      return "absent";
    case Trust::oscillator_stopped:
      return "oscillator_stopped";
    case Trust::not_readable:
      return "not_readable";
    case Trust::before_build:
      return "before_build";
    case Trust::behind_last_reading:
      return "behind_last_reading";
    case Trust::far_ahead:
      return "far_ahead";
    case Trust::never_set:
      return "never_set";
  }
  return "unknown";
}

std::string Identity::i2c_client() const { return fmt::format("{}-{:04x}", bus, address); }

std::optional<system::RtcDevice> find_device(const std::vector<system::RtcDevice>& devices,
                                             const Identity& identity) {
  for (const auto& device : devices) {
    if (is_device_of(device, identity)) return device;
  }
  return std::nullopt;
}

EarliestTime earliest_plausible_time(WallTime built, const std::optional<Record>& record) {
  if (record && record->last_traceable && *record->last_traceable > built) {
    return {*record->last_traceable, "the last traceable time"};
  }
  return {built, "the build date of timectl"};
}

std::vector<EarliestTime> read_evidence(const system::FileReader& files) {
  std::vector<EarliestTime> evidence;
  const auto add = [&evidence](std::optional<EarliestTime> found) {
    if (found) evidence.push_back(*found);
  };
  try {
    add(fake_hwclock(files));
    add(modified(files, "/var/lib/systemd/timesync/clock", "the time timesyncd saved"));
    add(modified(files, platform::chrony::drift_file, "chrony's drift file"));
  } catch (const Error&) {
    // Evidence that cannot be read is none; nothing hangs on it.
  }
  return evidence;
}

Assessment assess(const std::optional<system::RtcDevice>& device, const system::RtcReading& reading,
                  const std::optional<Record>& record, WallTime built,
                  const std::vector<EarliestTime>& evidence) {
  Assessment result;
  result.device = device;
  result.reading = reading;
  result.earliest = earliest_plausible_time(built, record);
  if (!device) {
    result.reason = "there is no such RTC";
    return result;
  }
  Verdict verdict = judge_health(reading.health);
  if (verdict.trust == Trust::trusted) verdict = judge_time(reading.time, record, built);
  result.trust = verdict.trust;
  result.reason = verdict.reason.empty() ? describe_good(verdict.trust, reading, record)
                                         : std::move(verdict.reason);
  if (reading.health == system::RtcHealth::readable) {
    result.doubts = doubts_about(reading.time, evidence);
  }
  return result;
}

Assessment read_and_assess(const Identity& identity, const system::RtcReader& rtcs,
                           const system::FileReader& files) {
  const auto device = find_device(rtcs.list(), identity);
  const auto reading = device ? rtcs.read(*device) : system::RtcReading{};
  auto result = assess(device, reading, read_record(files, identity.chip), build_date(),
                       read_evidence(files));
  if (!device) {
    const auto* chip = find_chip(identity.chip);
    const bool is_on_bus = !chip || chip->is_on_bus();
    result.reason = is_on_bus
                        ? fmt::format("there is no {} at {}", identity.chip, identity.i2c_client())
                        : fmt::format("there is no {} here", identity.chip);
  }
  return result;
}

Seconds ahead_of_system(const system::RtcReading& reading) {
  return reading.time - reading.system_time + Seconds{0.5};
}

bool agrees_with_system(const system::RtcReading& reading) {
  return std::abs(ahead_of_system(reading).count()) <= 1.5;
}

}  // namespace timectl::rtc
