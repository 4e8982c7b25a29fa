// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "backends/time_daemon.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "features/serve/rows.hpp"
#include "platform/platform.hpp"
#include "probe/rows.hpp"
#include "rtc/island.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

/// Island mode: whether chronyd may serve this host's own clock.
namespace timectl::features {

namespace {

using monitor::Situation;
using observe::Observation;

enum class Change { none, enable, adjust, disable };

struct Decision {
  Change change = Change::none;
  std::string reason;
};

/// Enabled, as far as is known, and yet chronyd has no time: it was disabled since.
bool was_disabled(const Observation& seen) {
  return seen.daemon.tracking && seen.daemon.tracking->stratum == 0;
}

/// timectl did not enable island mode, nothing allows it, and chronyd serves its own clock.
void report_uninvited(monitor::Tick& tick) {
  tick.findings.push_back({probe::row::chrony_config,
                           probe::Verdict::failed,
                           "chronyd served its own clock, which is not validated",
                           {},
                           "a 'local' directive in its configuration, or chronyc local",
                           fmt::format("take 'local' out of {}; timectl enables island mode",
                                       platform::chrony::directory)});
}

/// The invocation of chrony.service, "" while it is not active, or not known.
std::string chrony_run(const Situation& situation) {
  if (situation.seen.daemon_error) return "";
  try {
    const auto unit = situation.ports.readers.services.state(backends::chrony().unit());
    return unit.is_active() ? unit.invocation_id : "";
  } catch (const Error& error) {
    situation.tick.findings.push_back(
        {probe::row::chrony_sync,
         probe::Verdict::unknown,
         fmt::format("systemd could not be asked for {}", platform::chronyd.unit),
         {},
         error.what(),
         error.hint()});
    return "";
  }
}

/// Island mode stays enabled, with a distance that fits this host's sources.
Decision adjust(Situation& situation) {
  const auto& daemon = situation.seen.daemon;
  const auto& limits = situation.limits;
  if (!daemon.sources) return {};
  const auto distance =
      rtc::change_of_distance(*daemon.tracking, *daemon.sources, situation.boot.island_distance,
                              limits.local_distance, limits.site_servers);
  if (!distance) return {};
  situation.boot.island_distance = *distance;
  return {Change::adjust, "twice as far as its sources, and no nearer than the profile says"};
}

/// Once more or for the first time in this run of chronyd.
Decision enable(Situation& situation, const std::string& run, std::string reason) {
  auto& boot = situation.boot;
  boot.enabled_invocation = run;
  const auto& limits = situation.limits;
  boot.island_distance =
      rtc::island_reference(limits.local_stratum, limits.local_distance, boot).distance;
  // Sources that live farther away than that would be an island at once.
  const auto& daemon = situation.seen.daemon;
  if (daemon.sources) {
    const auto farther =
        rtc::change_of_distance(*daemon.tracking, *daemon.sources, boot.island_distance,
                                limits.local_distance, limits.site_servers);
    boot.island_distance = farther.value_or(*boot.island_distance);
  }
  return {Change::enable, std::move(reason)};
}

Decision decide(Situation& situation) {
  const auto& seen = situation.seen;
  auto& boot = situation.boot;
  const auto run = chrony_run(situation);
  // For one that starts and does not answer yet its unit does it (ExecStartPost=).
  if (!seen.daemon.tracking || run.empty()) return {};
  const bool is_enabled = boot.enabled_invocation == run;
  const auto disable = [&](std::string reason) {
    boot.enabled_invocation.clear();
    return Decision{Change::disable, std::move(reason)};
  };
  const bool serves_itself = rtc::serves_own_clock(seen.daemon.tracking);
  const auto& rtc = situation.time.rtc;
  const auto wrong = rtc::must_disable_island(rtc, boot.synchronized_at, seen.clock);
  if (wrong.yes && (is_enabled || serves_itself)) return disable(wrong.reason);
  const auto may = rtc::may_enable_island(rtc, boot.synchronized_at, seen.clock);
  if (!may.yes && !is_enabled && serves_itself) {
    report_uninvited(situation.tick);
    return disable(may.reason);
  }
  if (boot.disabled_invocation == run) return {};
  if (is_enabled && !was_disabled(seen)) return adjust(situation);
  if (!may.yes) return {};
  return enable(situation, run, may.reason);
}

std::string action_of(const Decision& decision, const system::LocalReference& reference) {
  const auto local = "local " + join(system::chronyc_words(reference), " ");
  switch (decision.change) {
    case Change::enable:
      return fmt::format("enable island mode ({}): {}", local, decision.reason);
    case Change::adjust:
      return fmt::format("change island mode ({}): {}", local, decision.reason);
    case Change::disable:
    case Change::none:
      break;
  }
  return fmt::format("disable island mode: {}", decision.reason);
}

void serve_island(Situation& situation) {
  const auto decision = decide(situation);
  if (decision.change == Change::none) return;
  if (situation.scope == monitor::Scope::only_take_away) return;
  auto& tick = situation.tick;
  const auto reference = rtc::island_reference(situation.limits.local_stratum,
                                               situation.limits.local_distance, situation.boot);
  tick.actions.push_back(action_of(decision, reference));
  if (situation.dry_run == monitor::DryRun::yes) return;
  auto& daemons = situation.ports.daemons;
  const bool done =
      decision.change == Change::disable
          ? monitor::attempt(tick, probe::row::chrony_sync, "island mode could not be disabled",
                             [&] { daemons.disable_local(); })
          : monitor::attempt(tick, probe::row::chrony_sync, "island mode could not be enabled",
                             [&] { daemons.enable_local(reference); });
  // The next tick tries again: it takes island mode for enabled only where it was.
  if (!done) situation.boot.enabled_invocation.clear();
}

}  // namespace

constinit const monitor::Step serve_steps[1] = {
    {.applies = [](const profile::Host& host) { return host.serve.has_value(); },
     .act = serve_island},
};

}  // namespace timectl::features
