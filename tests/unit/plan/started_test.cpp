// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "plan/started.hpp"

#include "plan_fixture.hpp"
#include "support/catch.hpp"

using namespace timectl;
using namespace timectl::plan;
using test::PlanFixture;
using Words = std::vector<std::string>;

TEST_CASE("what a plan starts and restarts is looked at, each unit once") {
  using target::ReactionKind;
  PlanFixture host;
  host.services.put("chrony.service", {"enabled", true});
  host.services.put("dnsmasq.service", {"enabled", false});
  host.services.put("controller.service", {"enabled", true});
  host.services.put("ntp.service", {"disabled", true});
  host.want("/etc/a", "x", {{ReactionKind::restart, "chrony.service"}});
  host.want("/etc/b", "x", {{ReactionKind::restart, "chrony.service"}});
  host.want("/etc/c", "x", {{ReactionKind::try_restart, "controller.service"}});
  host.target.units = {
      {"dnsmasq.service", target::Enablement::unchanged, target::Activity::running, false, "why"},
      {"ntp.service", target::Enablement::unchanged, target::Activity::stopped, false, "why"}};
  CHECK(started_units(host.plan()) ==
        Words{"chrony.service", "controller.service", "dnsmasq.service"});
}

TEST_CASE("a unit that died after its start is a reason, one that had nothing to do is none") {
  system::UnitState state;
  state.load_state = "loaded";
  state.active_state = "active";
  state.sub_state = "running";
  CHECK_FALSE(why_down("a.service", state));
  state.active_state = "failed";
  state.result = "exit-code";
  CHECK(why_down("a.service", state) == "a.service has failed (exit-code)");
  state.active_state = "activating";
  state.sub_state = "auto-restart";
  CHECK(why_down("a.service", state) == "a.service ends as soon as it is started");
  state.active_state = "inactive";
  state.sub_state = "dead";
  CHECK_FALSE(why_down("a.service", state));
}
