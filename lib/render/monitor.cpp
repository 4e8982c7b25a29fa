// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "render/draft.hpp"

namespace timectl::render {

using system::RootedPath;

namespace {

std::string seconds(std::chrono::seconds span) { return std::to_string(span.count()); }

}  // namespace

void add_monitor(Draft& draft) {
  if (!draft.host.monitor) return;
  const auto& monitor = *draft.host.monitor;
  Model model;
  model.set("timectl", draft.timectl());
  model.set("host", draft.host.name);
  model.set("subnet", draft.profile.network.subnet.network().text());
  model.set("chrony", Model{uses_chrony(draft.host)});
  model.set("controller", Model{draft.host.controller.has_value()});
  model.set("rtc", Model{draft.host.rtc.has_value()});
  model.set("interval_s", seconds(monitor.interval));
  model.set("boot_delay_s", seconds(monitor.boot_delay));
  model.set("random_delay_s", seconds(monitor.random_delay));
  const Reaction reload{ReactionKind::daemon_reload, ""};
  draft.add({.path = RootedPath{"/etc/systemd/system/timectl-monitor.service"},
             .why = "looks at the time once and acts on it",
             .reactions = {reload}},
            model);
  draft.add({.path = RootedPath{"/etc/systemd/system/timectl-monitor.timer"},
             .why = "lets the monitor look again and again",
             .reactions = {reload, {ReactionKind::restart, "timectl-monitor.timer"}}},
            model);
  draft.add_unit("timectl-monitor.timer", Enablement::enabled, Activity::running,
                 "watches the time");
}

void add_controller(Draft& draft) {
  if (!draft.host.controller) return;
  const auto directory = draft.host.controller->unit + ".d";
  draft.target.files.push_back(
      {.path = RootedPath{"/etc/systemd/system"} / directory / "ntp-environment.conf",
       .kind = FileKind::absent,
       .content = {},
       .why = "the old script's drop-in hides timectl's",
       .reactions = {{ReactionKind::daemon_reload, ""}}});
}

}  // namespace timectl::render
