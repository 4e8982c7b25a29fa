// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "monitor/monitor.hpp"
#include "rtc/arming.hpp"
#include "rtc/boot_state.hpp"
#include "rtc/rtc.hpp"

#include <optional>
#include <string>
#include <vector>

/// The server's side of a tick: whose time is served, the RTC and its record, and the island's
/// arming.
namespace timectl::monitor {

struct ServerRules {
  bool serves = false;  ///< the host has the serve feature: it may be armed
  bool needs_chrony = false;
  int local_stratum = 10;
  Seconds limit{5};
  WallTime built{};
  std::vector<std::string> site_servers;  ///< addresses: whose time is no word from outside
};

/// What a server sees in one tick.
struct HostSight {
  std::optional<system::ChronyTracking> tracking;  ///< nullopt: chronyd does not run
  std::string chrony_invocation;                   ///< "" while chrony.service is not active
  rtc::Assessment rtc;
  std::optional<rtc::Record> record;
  rtc::BootState boot;  ///< as the tick before left it
  rtc::SystemClockView clock;
  std::vector<probe::Finding> findings;
};

enum class Arming { keep, arm, disarm };

struct ServerDecision {
  quality::Judgement judgement;
  Arming arming = Arming::keep;
  std::string arming_reason;
  std::optional<rtc::Record> record;  ///< to be written; nullopt: nothing new
  bool write_rtc = false;             ///< real time is there and the RTC is stopped or wrong
  std::string step_reason;            ///< why chronyd is to step the clock; "": it is not
  rtc::BootState boot;                ///< to be kept for the next tick
  std::vector<probe::Finding> findings;
};

HostSight observe_server(const profile::Host& host, const probe::Ports& look,
                         const ServerRules& rules);

ServerRules server_rules(const profile::Profile& profile, const profile::Host& host);

/// Pure.
ServerDecision decide_server(const HostSight& sight, const ServerRules& rules);

/// Carries the decision out and notes in `tick` what was done.
void serve(const HostSight& sight, const ServerDecision& decision, const ServerRules& rules,
           const Ports& ports, DryRun dry_run, Tick& tick);

}  // namespace timectl::monitor
