// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "target/first_boot.hpp"

#include "target/fill_in.hpp"

namespace timectl::target {

Target first_boot(const profile::Profile& profile, const profile::Host& host,
                  const FirstBootOrder& order, const TemplateLookup& templates) {
  const system::RootedPath path{"/etc/systemd/system/timectl-first-boot.service"};
  Model model;
  model.set("timectl", order.timectl);
  model.set("order", order.name);
  model.set("directory", order.directory);
  model.set("host", host.name);
  model.set("brings_timectl", Model{order.brings_timectl});
  model.set("needs_network", Model{order.needs_network});
  model.set("take_over", Model{order.take_over});
  model.set("no_rehearsal", Model{order.no_rehearsal});
  Target target;
  target.profile = profile.name;
  target.host = host.name;
  target.role = host.role;
  target.files.push_back({.path = path,
                          .content = fill_in(templates(path), path.text(), model),
                          .why = "provisions this host at its first boot",
                          .reactions = {{ReactionKind::daemon_reload, ""}}});
  target.units.push_back({.name = first_boot_unit,
                          .enablement = Enablement::enabled,
                          .why = "the first boot carries out the order"});
  return target;
}

}  // namespace timectl::target
