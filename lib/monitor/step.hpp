// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "monitor/monitor.hpp"
#include "monitor/state.hpp"
#include "observe/judge.hpp"
#include "observe/observation.hpp"
#include "probe/finding_row.hpp"
#include "profile/limits.hpp"
#include "profile/profile.hpp"
#include "rtc/boot_state.hpp"
#include "rtc/rtc.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>

/// What a check does about the time that it has judged: a row for each thing, which features have.
namespace timectl::monitor {

/// What the steps of a check use, and what they leave. It refers to what run_tick has.
struct Situation {
  const profile::Host& host;
  const Ports& ports;
  DryRun dry_run = DryRun::no;
  Scope scope = Scope::everything;
  profile::Limits limits;
  observe::Observation seen;
  observe::HostTime time;
  State& state;                       ///< what the next check gets
  Tick& tick;                         ///< what is reported
  rtc::BootState boot;                ///< to be kept: what is known of this boot
  std::optional<rtc::Record> record;  ///< to be kept; nullopt: nothing new of the RTC
};

/// Of a check that could not observe, or that ends monitoring.
struct Withdrawal {
  const Ports& ports;
  DryRun dry_run = DryRun::no;
  State& state;
  Tick& tick;
};

/// When a step has its turn: what withdraws something does not wait for what may take long.
enum class Turn { first, later };

/// `act` throws only what makes the whole check fail; what the machine answers is a finding.
struct Step {
  Turn turn = Turn::later;
  bool (*applies)(const profile::Host& host);
  void (*act)(Situation& situation);
  /// Takes back what nothing justifies where nothing is judged; nullptr: it gives nothing.
  void (*withdraw)(const Withdrawal& withdrawal) = nullptr;
  /// The names of its findings that verify does not have.
  std::span<const probe::FindingName> prints = {};
};

/// Does something. An Error of it is a failed finding of that name, and the check is incomplete;
/// false then.
bool attempt(Tick& tick, probe::FindingName name, const std::string& summary,
             const std::function<void()>& something);

}  // namespace timectl::monitor
