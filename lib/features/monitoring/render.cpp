// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "features/monitoring/rows.hpp"
#include "profile/networks.hpp"
#include "target/draft.hpp"

namespace timectl::features {

using system::RootedPath;
using target::Activity;
using target::Draft;
using target::Enablement;
using target::Model;
using target::Reaction;
using target::ReactionKind;

namespace {

std::string seconds(std::chrono::seconds span) { return std::to_string(span.count()); }

bool knows_on_success(const facts::Facts& facts) {
  const auto systemd = facts.packages.find("systemd");
  return systemd == facts.packages.end() || systemd->second.major >= 249;
}

/// What PID 1 does when no tick comes any more.
void add_fail_safe(Draft& draft) {
  if (!draft.host.controller) return;
  Model model;
  model.set("unit", draft.host.controller->unit);
  model.set("stale_s", seconds(profile::longest_without_tick(*draft.host.monitor)));
  const Reaction reload{ReactionKind::daemon_reload, ""};
  for (const auto* unit : {"timectl-monitor-stale.service", "timectl-monitor-stale.timer"}) {
    draft.add({.path = RootedPath{"/etc/systemd/system"} / unit,
               .why = "withdraws power saving when the monitor stops",
               .reactions = {reload}},
              model);
  }
}

/// Where the servers are that it asks.
std::string own_subnets(const Draft& draft) {
  std::vector<std::string> subnets;
  for (const auto& address : draft.host.addresses) {
    subnets.push_back(profile::network_of(draft.profile, address).subnet.network().text());
  }
  return join(subnets, " ");
}

/// Before the first check of a boot: node_exporter takes a link that leads nowhere for an error.
void add_empty_metrics(Draft& draft) {
  if (!draft.host.monitor->textfile_link) return;
  draft.add({.path = RootedPath{"/etc/tmpfiles.d/timectl.conf"},
             .why = "the link to the metrics leads to a file from the start of a boot"},
            {});
}

void add_monitor(Draft& draft) {
  if (!draft.host.monitor) return;
  const auto& monitor = *draft.host.monitor;
  add_fail_safe(draft);
  add_empty_metrics(draft);
  Model model;
  model.set("stale_s", seconds(profile::longest_without_tick(monitor)));
  model.set("on_success", Model{knows_on_success(draft.facts)});
  model.set("timectl", draft.timectl());
  model.set("host", draft.host.name);
  model.set("subnet", own_subnets(draft));
  model.set("chrony", Model{profile::runs_chrony(draft.host)});
  model.set("controller", Model{draft.host.controller.has_value()});
  model.set("rtc", Model{draft.host.rtc.has_value()});
  // chronyd says it by itself, and an RTC takes CAP_SYS_TIME, with which the call could do more.
  model.set("reads_frequency", Model{profile::runs_timesyncd(draft.host) && !draft.host.rtc});
  model.set("textfile_directory", monitor.textfile_directory);
  model.set("interval_s", seconds(monitor.interval));
  model.set("boot_delay_s", seconds(monitor.boot_delay));
  model.set("random_delay_s", seconds(monitor.random_delay));
  const Reaction reload{ReactionKind::daemon_reload, ""};
  draft.add({.path = RootedPath{"/etc/systemd/system/timectl-monitor.service"},
             .why = "checks the time once and acts on it",
             .reactions = {reload}},
            model);
  draft.add({.path = RootedPath{"/etc/systemd/system/timectl-monitor.timer"},
             .why = "runs the monitor periodically",
             .reactions = {reload, {ReactionKind::restart, "timectl-monitor.timer"}}},
            model);
  draft.add_unit("timectl-monitor.timer", Enablement::enabled, Activity::running,
                 "watches the time");
}

}  // namespace

constinit const target::Contribution monitoring_contributions[1] = {
    {target::Phase::services, add_monitor}};

}  // namespace timectl::features
