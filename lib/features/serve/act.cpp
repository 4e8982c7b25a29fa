// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "backends/time_daemon.hpp"
#include "base/error.hpp"
#include "features/serve/rows.hpp"
#include "probe/rows.hpp"
#include "rtc/arming.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

/// Island mode: whether chronyd may serve this host's own clock.
namespace timectl::features {

namespace {

using monitor::Situation;
using observe::Observation;

enum class Arming { keep, arm, disarm };

struct Decision {
  Arming arming = Arming::keep;
  std::string reason;
};

bool serves_itself(const Observation& seen) {
  return seen.daemon.tracking && seen.daemon.tracking->reference_id == "7F7F0101";
}

/// Armed, as far as we know, and yet without any time: somebody took the arming back.
bool lost_its_arming(const Observation& seen) {
  return seen.daemon.tracking && seen.daemon.tracking->stratum == 0;
}

/// Nobody armed it, nothing allows it, and chronyd serves its own clock all the same.
void report_uninvited(monitor::Tick& tick) {
  tick.findings.push_back({probe::row::chrony_config,
                           probe::Verdict::failed,
                           "chronyd served its own clock, which nothing vouches for",
                           {},
                           "a 'local' directive in its configuration, or chronyc local",
                           "take 'local' out of /etc/chrony; timectl arms the island"});
}

/// The invocation of chrony.service, "" while it is not active, or not known.
std::string chrony_run(const Situation& situation) {
  if (situation.seen.daemon_error) return "";
  try {
    const auto unit = situation.ports.look.services.state(backends::chrony().unit());
    return unit.is_active() ? unit.invocation_id : "";
  } catch (const Error& error) {
    situation.tick.findings.push_back({probe::row::chrony_sync,
                                       probe::Verdict::unknown,
                                       "systemd could not be asked for chrony.service",
                                       {},
                                       error.what(),
                                       error.hint()});
    return "";
  }
}

Decision decide(Situation& situation) {
  const auto& seen = situation.seen;
  auto& boot = situation.boot;
  const auto run = chrony_run(situation);
  // One that starts and does not answer yet arms itself (ExecStartPost=).
  if (!seen.daemon.tracking || run.empty()) return {};
  const bool armed = boot.armed_invocation == run;
  const auto disarm = [&](std::string reason) {
    boot.armed_invocation.clear();
    return Decision{Arming::disarm, std::move(reason)};
  };
  const auto& rtc = situation.time.rtc;
  const auto wrong = rtc::must_disarm(rtc, boot.synchronized_at, seen.clock);
  if (wrong.yes && (armed || serves_itself(seen))) return disarm(wrong.reason);
  const auto may = rtc::may_arm(rtc, boot.synchronized_at, seen.clock);
  if (!may.yes && !armed && serves_itself(seen)) {
    report_uninvited(situation.tick);
    return disarm(may.reason);
  }
  if (!may.yes || (armed && !lost_its_arming(seen))) return {};
  boot.armed_invocation = run;
  return {Arming::arm, may.reason};
}

std::string action_of(const Decision& decision, int stratum) {
  return decision.arming == Arming::arm
             ? fmt::format("arm the island (local stratum {} orphan): {}", stratum, decision.reason)
             : fmt::format("disarm the island: {}", decision.reason);
}

void serve_island(Situation& situation) {
  const auto decision = decide(situation);
  if (decision.arming == Arming::keep) return;
  if (situation.scope == monitor::Scope::only_take_away) return;
  auto& tick = situation.tick;
  const int stratum = situation.limits.local_stratum;
  tick.actions.push_back(action_of(decision, stratum));
  if (situation.dry_run == monitor::DryRun::yes) return;
  auto& daemons = situation.ports.daemons;
  const bool done =
      decision.arming == Arming::arm
          ? monitor::attempt(tick, probe::row::chrony_sync, "chronyd could not be armed",
                             [&] { daemons.arm_local(stratum, true); })
          : monitor::attempt(tick, probe::row::chrony_sync, "chronyd could not be disarmed",
                             [&] { daemons.disarm_local(); });
  // The next tick tries again: it takes an island for armed only when it was.
  if (!done) situation.boot.armed_invocation.clear();
}

}  // namespace

constinit const monitor::Step serve_steps[1] = {
    {.applies = [](const profile::Host& host) { return host.serve.has_value(); },
     .act = serve_island},
};

}  // namespace timectl::features
