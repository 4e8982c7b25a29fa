// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "history/sample.hpp"
#include "probe/probe.hpp"
#include "profile/limits.hpp"
#include "profile/profile.hpp"
#include "quality/quality.hpp"
#include "system/event_log.hpp"
#include "system/files.hpp"
#include "system/rtc.hpp"
#include "system/services.hpp"
#include "system/time_daemons.hpp"

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace timectl::monitor {

/// What a tick may change: the controller's drop-in below /run, its own state below
/// /run/timectl, the RTC and its record, the controller's and the time daemons' running state.
struct Ports {
  const probe::Ports& readers;
  system::FileStore& files;
  system::ServiceManager& services;
  system::TimeDaemonControl& daemons;
  system::RtcWriter& rtc_writer;
  system::EventLog& events;
};

enum class DryRun { no, yes };

/// How much a tick may do. Among what an interrupted change left nothing is allowed, enabled or
/// written: power saving that is not justified is withdrawn.
enum class Scope { everything, only_take_away };

constexpr double unseen = std::numeric_limits<double>::quiet_NaN();

/// One tick's result.
struct Tick {
  profile::Limits limits;  ///< what the time was held to
  quality::Judgement judgement;
  bool saving = false;               ///< the controller has (or would get) what saves power
  bool saves_unasked = false;        ///< it has what saves power, and it is not allowed
  std::optional<int> power_level;    ///< the step of `saving`, where the profile has steps; 0: none
  bool changed = false;              ///< the drop-in changed
  bool restarted = false;            ///< the controller was restarted
  bool delayed = false;              ///< power saving would be allowed, and is put off (hold-off)
  std::vector<std::string> seen;     ///< what the decision rests on, a few lines for people
  std::vector<std::string> actions;  ///< what was done, or with DryRun::yes would be
  std::vector<probe::Finding> findings;
  double offset_s = unseen;         ///< positive: the system clock is slow of its source
  double rtc_ahead_s = unseen;      ///< of the system clock
  history::Sample measured;         ///< for the history: what was seen on the way to the judgement
  std::optional<double> drift_ppm;  ///< learned: how fast the RTC gains
  std::optional<Seconds> until_limit;  ///< until the bound passes the limit, if it goes on growing
  std::vector<std::string> alerts;     ///< the probes among the findings that are worth an event
  bool could_act = true;  ///< false: something that had to be done failed, a finding says what
  bool could_update_power_saving =
      true;  ///< false: the time or the controller could not be observed
};

/// "may save power at level 2", "does not save power".
std::string saving_in_words(const Tick& tick);

struct Step;  // monitor/step.hpp

/// Observes once, judges, takes the steps that apply to the host. Never throws for what the machine
/// answers; throws Error when it cannot write what it has to.
Tick run_tick(const profile::Profile& profile, const profile::Host& host, const Ports& ports,
              std::span<const Step> steps, DryRun dry_run, Scope scope = Scope::everything);

/// Notes that this tick is skipped. True when ticks have been for longer than `longest`, counted
/// from the one before them, so that power saving is justified by nothing any more: its success
/// would begin the wait of timectl-monitor-stale.timer anew. On a host without an earlier tick (it
/// is being provisioned, or its timer was stopped) it counts from the first that was skipped.
bool skip_tick(system::FileStore& files, const system::Clock& clock, std::chrono::seconds longest,
               DryRun dry_run);

/// In place of a tick that cannot judge, because its profile cannot be read: takes back what the
/// ticks of this boot gave and nothing justifies any more.
Tick withdraw_all(const Ports& ports, std::span<const Step> steps, DryRun dry_run);

}  // namespace timectl::monitor
