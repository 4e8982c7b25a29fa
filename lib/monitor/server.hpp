// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "monitor/monitor.hpp"
#include "observe/judge.hpp"
#include "observe/observation.hpp"
#include "profile/limits.hpp"

#include <optional>
#include <string>
#include <vector>

/// The server's side of a check: the RTC and its record, and the island's arming.
namespace timectl::monitor {

enum class Arming { keep, arm, disarm };

struct ServerDecision {
  Arming arming = Arming::keep;
  std::string arming_reason;
  bool write_rtc = false;   ///< real time is there and the RTC is stopped or wrong
  std::string step_reason;  ///< why chronyd is to step the clock; "": it is not
  rtc::BootState boot;      ///< to be kept for the next check
  std::vector<probe::Finding> findings;
};

/// Pure. `chrony_run` is the invocation of chrony.service, "" while it is not active.
ServerDecision decide_server(const profile::Host& host, const observe::Observation& seen,
                             const observe::HostTime& time, const std::string& chrony_run,
                             const profile::Limits& limits);

/// Carries the decision out and notes in `tick` what was done.
void serve(const observe::Observation& seen, const observe::HostTime& time,
           const ServerDecision& decision, const profile::Limits& limits, const Ports& ports,
           DryRun dry_run, Tick& tick);

}  // namespace timectl::monitor
