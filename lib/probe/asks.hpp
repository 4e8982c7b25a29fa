// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "platform/platform.hpp"
#include "probe/finding.hpp"
#include "probe/probe.hpp"

#include <optional>
#include <string>
#include <utility>

/// What several probes share.
namespace timectl::probe {

/// time.leap, beside time.quality.
Finding ask_time_leap(const Subject& subject, const Ports& ports);

/// What was measured, with nothing to say against it.
inline Finding good(std::string summary, Evidence evidence = {}) {
  return {{}, Verdict::ok, std::move(summary), std::move(evidence), "", ""};
}

inline Finding skipped(std::string summary) {
  return {{}, Verdict::skipped, std::move(summary), {}, "", ""};
}

/// Why something is not ok, and what a person can do about it.
struct Problem {
  std::string summary;
  std::string cause;
  std::string remedy;
};

inline Finding warning(Problem problem, Evidence evidence = {}) {
  return {{},
          Verdict::warning,
          std::move(problem.summary),
          std::move(evidence),
          std::move(problem.cause),
          std::move(problem.remedy)};
}

inline Finding failed(Problem problem, Evidence evidence = {}) {
  auto finding = warning(std::move(problem), std::move(evidence));
  finding.verdict = Verdict::failed;
  return finding;
}

/// Not ok yet: `wait` makes it so. What it waits for stands in the evidence, too.
Finding pending(Problem problem, Wait wait, Evidence evidence = {});

/// What the host's daemon still waits for, counted from its start or, where /proc does not say,
/// from the boot: two minutes for a reply, ten where chronyd hears a source; one that starts with
/// its sources there follows one within half a minute. nullopt: it had its time, does not run, or
/// has no source.
std::optional<Wait> first_samples_of(const profile::Host& host, const Ports& ports);

/// The reboot that a change of this boot waits for; nullopt: there is none.
std::optional<Wait> awaited_reboot(const Ports& ports);

/// Why a unit that does not run does not, and what starts it; one that is masked nothing starts.
Problem why_stopped(std::string summary, const std::string& name, const system::UnitState& unit);

/// A daemon that gave no answer, and what may be in the way of one.
struct SilentDaemon {
  std::string name;
  std::string unit;
  std::string program;
  std::string why;
  std::string remedy;
  bool is_asked_by_bus = false;  ///< by the system bus, which it may have lost
};

/// A unit runs, the system bus does too, and the daemon is not on it: the bus was started anew, and
/// timesyncd (252) does not come back to it. nullopt: it is not so.
std::optional<Problem> why_off_the_bus(const std::string& name, const std::string& unit,
                                       const system::ServiceReader& services,
                                       const system::FileReader& files);

/// No answer is no proof: "does not run" (failed) is said only when the unit is stopped and no
/// socket is the daemon's; everything else is unknown.
Finding judge_silence(const SilentDaemon& daemon, const Ports& ports);

/// chronyd, and what may keep chronyc from an answer of it.
SilentDaemon silent_chronyd(const Ports& ports);

/// The daemon that keeps the host's clock by its profile; nullptr: none.
const platform::Daemon* daemon_of(const profile::Host& host);

/// "traceable", "island" or "unsynchronized": what a reference id and a stratum give away.
std::string state_by(const std::string& reference_id, int stratum, int leap, int local_stratum);

/// The same of one whose last update is known too: traceable becomes "holdover" by its age.
std::string state_now(const std::string& time_state, Seconds reference_age);

/// Why `time` cannot be right, even if it is validated: it is before timectl was built.
std::optional<std::string> why_impossible(WallTime time);

}  // namespace timectl::probe
