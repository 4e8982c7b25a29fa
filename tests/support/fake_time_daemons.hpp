// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/time_daemons.hpp"

#include <optional>
#include <string>
#include <vector>

namespace timectl::test {

/// A chronyd and a timesyncd that say what a test sets, and record the commands they got. A
/// daemon without an answer does not run.
class FakeTimeDaemons : public system::TimeDaemonControl {
 public:
  std::optional<system::ChronyTracking> tracking;
  std::optional<std::vector<system::ChronySource>> sources;
  std::optional<system::ChronyServerStats> server_stats;
  std::optional<std::vector<system::ChronyClient>> clients;
  std::optional<system::TimesyncState> timesync_state;
  /// Not empty: every call throws Error{external} with this.
  std::string broken;

  std::optional<int> local_stratum;
  bool local_orphan = false;
  Seconds local_distance{};
  int source_reloads = 0;
  std::vector<std::vector<std::string>> runtime_servers_set;
  bool cannot_measure = false;  ///< measure_anew() throws
  int measured_anew = 0;
  int steps = 0;
  bool refuses_counters = false;  ///< as to all but root and its own user
  mutable int asked_for_clients = 0;

  /// chronyd follows a source at this address.
  void follow(const std::string& address, int stratum = 3);
  /// chronyd runs, has no source and no island mode.
  void run_unsynchronized();
  /// timesyncd follows this server; the last reply came at `last`.
  void timesync_follow(const std::string& address, WallTime last, Seconds poll = Seconds{64});

  std::optional<system::ChronyTracking> chrony_tracking() const override;
  std::optional<std::vector<system::ChronySource>> chrony_sources() const override;
  std::optional<system::ChronyReport> chrony_report(system::ChronyCounters counters) const override;
  std::optional<std::vector<system::ChronyClient>> chrony_clients() const override;
  std::optional<system::TimesyncState> timesync() const override;
  /// A chronyd in island mode without a selected source follows itself from then on.
  void enable_local(const system::LocalReference& reference) override;
  void disable_local() override;
  void reload_sources() override;
  void step_clock() override;
  void measure_anew() override;
  void set_runtime_servers(const std::vector<std::string>& servers) override;

 private:
  void check_works() const;
  void check_chrony_runs(const std::string& what) const;
};

}  // namespace timectl::test
