// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "support/fuse.hpp"
#include "system/time_daemons.hpp"

#include <optional>
#include <string>
#include <vector>

namespace timectl::test {

/// The time daemons in memory. What a member does not hold does not run.
class FakeDaemons : public system::TimeDaemonControl {
 public:
  std::optional<system::ChronyTracking> tracking;
  std::optional<std::vector<system::ChronySource>> sources;
  std::optional<system::TimesyncState> timesync_state;
  std::optional<int> local_stratum;
  bool local_orphan = false;
  int source_reloads = 0;
  Fuse fuse;

  std::optional<system::ChronyTracking> chrony_tracking() const override { return tracking; }
  std::optional<std::vector<system::ChronySource>> chrony_sources() const override {
    return sources;
  }
  std::optional<system::ChronyReport> chrony_report(system::ChronyCounters) const override {
    if (!tracking || !sources) return std::nullopt;
    return system::ChronyReport{*tracking, *sources, {}};
  }
  std::optional<std::vector<system::ChronyClient>> chrony_clients() const override {
    return std::nullopt;
  }
  std::optional<system::TimesyncState> timesync() const override { return timesync_state; }

  void enable_local(const system::LocalReference& reference) override {
    fuse.burn("enable island mode");
    local_stratum = reference.stratum;
    local_orphan = reference.orphan;
  }
  void disable_local() override {
    fuse.burn("disable island mode");
    local_stratum.reset();
  }
  void reload_sources() override {
    fuse.burn("reload sources");
    ++source_reloads;
  }
  void step_clock() override { fuse.burn("step the clock"); }
  void measure_anew() override { fuse.burn("measure anew"); }
  void set_runtime_servers(const std::vector<std::string>& servers) override {
    fuse.burn("set servers");
    if (timesync_state) timesync_state->runtime_servers = servers;
  }
};

}  // namespace timectl::test
