// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "platform/platform.hpp"
#include "target/draft.hpp"

#include <fmt/format.h>

namespace timectl::target {

using system::RootedPath;

namespace {

const Reaction restart_chrony{ReactionKind::restart, platform::chronyd.unit};

/// conf.d and sources.d are read by the stock chrony.conf of 4.0 and later.
void require_directories(const facts::Facts& facts) {
  const auto chrony = facts.packages.find(platform::chronyd.package);
  if (chrony == facts.packages.end() || chrony->second.major >= 4) return;
  throw Error{ErrorKind::refused,
              fmt::format("cannot configure 'chrony': version {} reads no confdir, 4.0 is needed",
                          chrony->second.text)};
}

/// Other time daemons need no claim: add_competitors() stops them.
void add_daemon(Draft& draft, const platform::Daemon& daemon, const char* claimed_by,
                const char* own_file) {
  draft.target.packages.emplace_back(daemon.package);
  draft.claim({ClaimKind::clock, "system", claimed_by, true, own_file});
  draft.add_unit(daemon.unit, Enablement::enabled, Activity::running, "keeps the clock");
}

}  // namespace

void add_time_daemon(Draft& draft) {
  switch (profile::time_daemon_of(draft.host)) {
    case profile::TimeDaemon::none:
      return;
    case profile::TimeDaemon::chrony:
      require_directories(draft.facts);
      add_daemon(draft, platform::chronyd, platform::chronyd.program,
                 platform::chrony::own_drop_in);
      return;
    case profile::TimeDaemon::timesyncd:
      add_daemon(draft, platform::timesyncd, platform::timesyncd.package,
                 platform::timesync::own_drop_in);
      return;
  }
}

void add_chrony_configuration(Draft& draft) {
  if (!profile::runs_chrony(draft.host)) return;
  const auto& slots = draft.time_daemon();
  const RootedPath path{platform::chrony::own_drop_in};
  auto configuration = slots.variables();
  configuration.set("slots", chrony_slots(draft, path));
  draft.add({.path = path, .why = slots.why_configuration(), .reactions = {restart_chrony}},
            configuration);
  auto unit = slots.variables();
  unit.set("timectl", draft.timectl());
  draft.add({.path = RootedPath{platform::chrony::own_unit_drop_in},
             .why = slots.why_unit(),
             .reactions = {{ReactionKind::daemon_reload, ""}, restart_chrony}},
            unit);
}

void add_competitors(Draft& draft) {
  std::string ours;
  switch (profile::time_daemon_of(draft.host)) {
    case profile::TimeDaemon::none:
      return;
    case profile::TimeDaemon::chrony:
      ours = platform::chronyd.package;
      break;
    case profile::TimeDaemon::timesyncd:
      ours = platform::timesyncd.package;
      break;
  }
  for (const auto& daemon : platform::time_daemons) {
    if (daemon.package == ours) continue;
    draft.forbid_unit(daemon.unit,
                      fmt::format("two daemons on one clock fight; {} keeps it", ours));
    if (draft.facts.packages.count(daemon.package) != 0) {
      draft.target.excluded_packages.emplace_back(daemon.package);
    }
  }
}

}  // namespace timectl::target
