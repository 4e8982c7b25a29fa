// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/time.hpp"
#include "system/chrony_clients.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace timectl::system {

/// chronyc(1) tracking.
struct ChronyTracking {
  std::string reference_id;  ///< eight hex digits: "7F7F0101" is chrony's own local reference
  std::string source;        ///< name or address, "" when none
  int stratum = 0;           ///< 0: not synchronized
  std::optional<WallTime> reference_time;
  Seconds system_offset{};  ///< positive: the system clock is slow of NTP time
  Seconds last_offset{};
  Seconds rms_offset{};
  double frequency_ppm = 0;
  double skew_ppm = 0;
  Seconds root_delay{};
  Seconds root_dispersion{};
  Seconds update_interval{};
  std::string leap;  ///< "Normal", "Insert second", "Delete second", "Not synchronised"
};

/// How far the clock can be off by chronyd's own account: |offset| + root dispersion + root delay/2
/// (chronyc(1), tracking).
Seconds error_bound(const ChronyTracking& tracking);

/// A line of chronyc(1) sources.
struct ChronySource {
  char mode = ' ';  ///< ^ server, = peer, # reference clock
  char state =
      ' ';  ///< * selected, + combined, - not combined, x falseticker, ~ variable, ? unusable
  std::string name;
  int stratum = 0;
  int poll_log2 = 0;
  unsigned reach = 0;                        ///< the last eight polls, newest in bit 0
  std::optional<Seconds> since_last_sample;  ///< nullopt: never
  Seconds offset{};                          ///< adjusted, of the last sample
  Seconds error{};                           ///< its margin
};

/// chronyc(1) tracking, sources and serverstats, asked for in one go.
struct ChronyReport {
  ChronyTracking tracking;
  std::vector<ChronySource> sources;
  /// nullopt: not asked for, or not for this user. chronyd answers root and its own user only.
  std::optional<ChronyServerStats> server_stats;
};

enum class ChronyCounters { no, yes };

/// Island mode as chronyd has it ("local" of chrony.conf(5)): it serves its own clock at `stratum`
/// while no source gives it a root distance (root delay / 2 + root dispersion) below `distance`.
/// With `orphan` one server of several does so, and the others follow it.
struct LocalReference {
  int stratum = 10;
  bool orphan = true;
  Seconds distance{1};  ///< chronyd's own default
};
/// "stratum 10 orphan distance 0.1": what follows "local" in chrony.conf(5) and chronyc(1).
std::vector<std::string> chronyc_words(const LocalReference& reference);

/// The NTPMessage property of org.freedesktop.timesync1: the last reply, however old it is.
struct TimesyncMessage {
  int leap = 0;
  int stratum = 0;
  Seconds root_delay{};
  Seconds root_dispersion{};
  std::string reference_id;  ///< eight hex digits
  WallTime origin{}, receive{}, transmit{}, destination{};
  bool ignored = false;
  std::uint64_t packet_count = 0;
  Seconds jitter{};
};

/// org.freedesktop.timesync1(5). Everything here stays frozen when the server dies: only the age of
/// message->destination shows it.
struct TimesyncState {
  std::string server_name;                 ///< set before any reply came
  std::string server_address;              ///< "" when none
  std::optional<TimesyncMessage> message;  ///< nullopt before the first reply
  std::vector<std::string> system_servers;
  std::vector<std::string> runtime_servers;
  std::vector<std::string> fallback_servers;
  Seconds poll_interval{};
  Seconds root_distance_max{};
};

/// Reads the state of the time daemons. nullopt: no daemon answers. That is no proof that it does
/// not run: the client, the socket or the bus may be missing, or closed to this user; its unit
/// shows it. A daemon that answers and refuses throws Error{external, permission or timeout}.
class TimeDaemonReader {
 public:
  virtual ~TimeDaemonReader() = default;

  virtual std::optional<ChronyTracking> chrony_tracking() const = 0;
  virtual std::optional<std::vector<ChronySource>> chrony_sources() const = 0;
  /// What a check asks of chronyd, by one chronyc.
  virtual std::optional<ChronyReport> chrony_report(ChronyCounters counters) const = 0;
  /// To root and chronyd's own user only. Eight a question: of thousands it takes a while.
  virtual std::optional<std::vector<ChronyClient>> chrony_clients() const = 0;
  virtual std::optional<TimesyncState> timesync() const = 0;
};

/// Commands to the running daemons, without touching their files. Each throws Error when the daemon
/// does not run or does not obey.
class TimeDaemonControl : public TimeDaemonReader {
 public:
  /// chronyc local: lost at each restart of chronyd, kept by a reload. Once more: with other
  /// values.
  virtual void enable_local(const LocalReference& reference) = 0;
  virtual void disable_local() = 0;
  virtual void reload_sources() = 0;
  /// chronyc makestep: what chronyd is correcting is corrected at once, however much it is.
  virtual void step_clock() = 0;
  /// chronyc reset sources, then burst: chronyd forgets what it measured and asks all sources at
  /// once. It knows the time again in seconds, by those that answer; its frequency stays.
  virtual void measure_anew() = 0;
  /// timesync1 SetRuntimeNTPServers. Empty: back to the first of NTP= at once, without a restart.
  /// Anything else replaces NTP= and kills its failover.
  virtual void set_runtime_servers(const std::vector<std::string>& servers) = 0;
};

/// Reads chronyc -c -n tracking (14 fields in chrony 4.3; later ones may only append). Throws
/// Error{external} with the line when it has another shape.
ChronyTracking parse_chrony_tracking(const std::string& csv);
/// Reads chronyc -c -n sources, one line a source; the same rule.
std::vector<ChronySource> parse_chrony_sources(const std::string& csv);
/// Reads chronyc -c -n -m tracking sources [serverstats]; counters that are refused ("501 Not
/// authorized") are missing.
ChronyReport parse_chrony_report(const std::string& csv);

}  // namespace timectl::system
