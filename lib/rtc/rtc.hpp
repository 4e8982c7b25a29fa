// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/time.hpp"
#include "system/files.hpp"
#include "system/rtc.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Whether the RTC can be trusted: the earliest plausible time, what the RTC said last, and what
/// validated it.
namespace timectl::rtc {

/// What is kept together of one reading (/var/lib/timectl/rtc.json).
struct Record {
  WallTime rtc_time{};       ///< what the RTC said
  WallTime system_time{};    ///< what the system clock said at that instant
  bool traceable = false;    ///< the system clock was synchronized to a chain that ends at UTC
  std::string validated_by;  ///< "operator" after timectl rtc set, "sources" after a real sync, ""
  WallTime validated_at{};   ///< when; only with validated_by
  /// The newest time that real sources gave. No time before it is plausible; months of island mode
  /// never move it.
  std::optional<WallTime> last_traceable;
  /// Why the file says nothing, a sentence: it is damaged, a newer timectl's, or another user could
  /// have written it. All else is empty then, so the RTC is not validated. Never kept.
  std::string damage = {};

  bool operator==(const Record&) const = default;
};

/// No right time is before `time`.
struct EarliestTime {
  WallTime time{};
  std::string source;  ///< "the build date of timectl", "the last traceable time", …
};

enum class Trust {
  trusted,  ///< plausible and validated
  absent,
  oscillator_stopped,
  not_readable,
  before_build,         ///< before timectl was built: the year 2000, 1970, …
  behind_last_reading,  ///< the RTC went backwards
  far_ahead,            ///< the RTC is years ahead of everything on record: 2099
  never_set,            ///< readable and plausible, but not validated yet
};

std::string to_string(Trust trust);

struct Assessment {
  Trust trust = Trust::absent;
  std::optional<system::RtcDevice> device;
  system::RtcReading reading;
  EarliestTime earliest;
  std::string reason;  ///< one line for people
  /// What files of other clocks say against the reading. It never refuses an RTC: a system clock
  /// that ran ahead leaves files from the future behind.
  std::vector<std::string> doubts;

  /// May the system clock be set from it, may island mode be enabled by it.
  bool is_trusted() const { return trust == Trust::trusted; }
};

/// Which RTC is meant: a chip at an address, never a number. Bus and address mean nothing for one
/// that is on no bus.
struct Identity {
  std::string chip = "ds3231";
  int bus = 1;
  int address = 0x68;

  std::string i2c_client() const;  ///< "1-0068"
};

std::optional<system::RtcDevice> find_device(const std::vector<system::RtcDevice>& devices,
                                             const Identity& identity);

/// The newest commit this timectl was built from (or SOURCE_DATE_EPOCH): no machine that runs it
/// lives earlier.
WallTime build_date();

/// The later of the build date and the last traceable time.
EarliestTime earliest_plausible_time(WallTime built, const std::optional<Record>& record);

/// What fake-hwclock, timesyncd and chrony left behind: evidence, not law.
std::vector<EarliestTime> read_evidence(const system::FileReader& files);

/// Judges one reading. The RTC is compared with the build date, with its own last reading and with
/// the last traceable time; never with what an untraceable system clock said.
Assessment assess(const std::optional<system::RtcDevice>& device, const system::RtcReading& reading,
                  const std::optional<Record>& record, WallTime built,
                  const std::vector<EarliestTime>& evidence = {});

/// Finds, reads and judges the RTC in one go, with the record and the evidence on this machine.
Assessment read_and_assess(const Identity& identity, const system::RtcReader& rtcs,
                           const system::FileReader& files);

/// How far the RTC is ahead of the system clock, to half a second either way: a reading has whole
/// seconds, so on average half of one has passed.
Seconds ahead_of_system(const system::RtcReading& reading);

/// True when RTC and system clock agree as far as a reading without `edge` can show.
bool agrees_with_system(const system::RtcReading& reading);

/// The record, nullopt before the first one; one with `damage` when the file is not readable as
/// one. Where it is of another chip than `chip`, that one's reading and validation count
/// for nothing; a record or a caller that names no chip means any.
std::optional<Record> read_record(const system::FileReader& files, std::string_view chip = {});

/// Replaces the record durably; a power cut leaves the old or the new one. Throws Error{refused} in
/// place of replacing a newer timectl's, or one that another user could have written.
void write_record(system::FileStore& files, const Record& record, std::string_view chip = {});

}  // namespace timectl::rtc
