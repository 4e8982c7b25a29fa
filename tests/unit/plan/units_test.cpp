// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "plan_fixture.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"

using namespace timectl;
using namespace timectl::plan;
using target::Activity;
using target::Enablement;
using target::ReactionKind;
using test::error_of;
using test::in_words;
using test::mentions;
using test::PlanFixture;
using Words = std::vector<std::string>;

namespace {

const target::Reaction restart_chrony{ReactionKind::restart, "chrony.service"};

void want_unit(PlanFixture& host, const std::string& name, Enablement enablement, Activity activity,
               bool optional = false) {
  host.target.units.push_back({name, enablement, activity, optional, "is wanted"});
}

}  // namespace

TEST_CASE("a unit that is as it should be needs nothing, and is asked once") {
  PlanFixture host;
  host.services.put("chrony.service", {"enabled", true});
  host.services.put("ntp.service", {"disabled", false});
  want_unit(host, "ntp.service", Enablement::masked, Activity::stopped);
  host.services.mask("ntp.service");
  want_unit(host, "chrony.service", Enablement::enabled, Activity::running);
  CHECK(host.plan().empty());
  CHECK(host.services.asked == 2);
}

TEST_CASE("competitors stop before ours start, and enablement follows the files") {
  PlanFixture host;
  host.services.put("chrony.service", {"disabled", false});
  host.services.put("ntp.service", {"enabled", true});
  want_unit(host, "chrony.service", Enablement::enabled, Activity::running);
  want_unit(host, "ntp.service", Enablement::masked, Activity::stopped);
  host.want("/etc/chrony/f", "x\n", {restart_chrony, {ReactionKind::udev_reload, ""}});
  CHECK(in_words(host.plan()) == Words{"create /etc/chrony/f", "udev_reload",
                                       "enable chrony.service", "mask ntp.service",
                                       "stop ntp.service", "start chrony.service"});
}

TEST_CASE("each reaction happens once, in order, and says which files are the reason") {
  PlanFixture host;
  host.services.put("chrony.service", {"enabled", true});
  const target::Reaction reload{ReactionKind::reload_sources, ""};
  host.want("/etc/chrony/a", "x\n", {restart_chrony, {ReactionKind::daemon_reload, ""}});
  host.want("/etc/chrony/b", "x\n", {reload, restart_chrony});
  host.want("/etc/hostname", "pi\n", {{ReactionKind::set_host_name, "pi"}});
  const auto plan = host.plan();
  CHECK(in_words(plan) == Words{"create /etc/chrony/a", "create /etc/chrony/b",
                                "create /etc/hostname", "daemon_reload", "set_host_name pi",
                                "restart chrony.service"});
  CHECK(std::get<ReactionChange>(plan.changes.back()).why == "/etc/chrony/a, /etc/chrony/b change");
}

TEST_CASE("sources are reloaded only in a chrony that runs and is not restarted anyway") {
  PlanFixture host;
  host.services.put("chrony.service", {"enabled", true});
  host.want("/etc/chrony/s", "x\n", {{ReactionKind::reload_sources, ""}});
  CHECK(in_words(host.plan()) == Words{"create /etc/chrony/s", "reload_sources"});
  host.services.put("chrony.service", {"enabled", false});
  CHECK(in_words(host.plan()) == Words{"create /etc/chrony/s"});
}

TEST_CASE("a unit that was stopped is not restarted by try_restart") {
  PlanFixture host;
  host.services.put("controller.service", {"enabled", false});
  host.want("/etc/c", "x\n", {{ReactionKind::try_restart, "controller.service"}});
  CHECK(in_words(host.plan()) == Words{"create /etc/c"});
}

TEST_CASE(
    "a unit whose file this plan creates is enabled and started though systemd does not know it") {
  PlanFixture host;
  host.want("/etc/systemd/system/timectl-monitor.timer", "[Timer]\n");
  want_unit(host, "timectl-monitor.timer", Enablement::enabled, Activity::running);
  CHECK(in_words(host.plan()) == Words{"create /etc/systemd/system/timectl-monitor.timer",
                                       "daemon_reload", "enable timectl-monitor.timer",
                                       "start timectl-monitor.timer"});
}

TEST_CASE("an optional unit that is missing is nothing, a needed one is an error") {
  PlanFixture host;
  want_unit(host, "fake-hwclock.service", Enablement::masked, Activity::stopped, true);
  CHECK(host.plan().empty());
  want_unit(host, "dnsmasq.service", Enablement::enabled, Activity::running);
  const auto error = test::error_of([&] { host.plan(); });
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::missing);
  host.target.packages = {"dnsmasq"};
  CHECK(in_words(host.plan()) ==
        Words{"install dnsmasq", "enable dnsmasq.service", "start dnsmasq.service"});
}

TEST_CASE("a masked unit that is to run is unmasked first") {
  PlanFixture host;
  host.services.put("chrony.service", {"enabled", false, true});
  want_unit(host, "chrony.service", Enablement::unchanged, Activity::running);
  CHECK(in_words(host.plan()) == Words{"unmask chrony.service", "start chrony.service"});
}

TEST_CASE("a static unit counts as enabled, or every run would enable it again") {
  PlanFixture host;
  host.services.put("x.service", {"static", true});
  want_unit(host, "x.service", Enablement::enabled, Activity::running);
  CHECK(host.plan().empty());
}

TEST_CASE("an offline root gets files and enablement but nothing that needs it to run") {
  PlanFixture host;
  host.services.put("chrony.service", {"disabled", false});
  host.services.put("ntp.service", {"enabled", false});
  host.services.stop_running();
  want_unit(host, "chrony.service", Enablement::enabled, Activity::running);
  want_unit(host, "ntp.service", Enablement::disabled, Activity::stopped);
  host.want("/etc/chrony/f", "x\n", {restart_chrony, {ReactionKind::reboot, ""}});
  const auto plan = host.plan();
  CHECK(in_words(plan) ==
        Words{"create /etc/chrony/f", "enable chrony.service", "disable ntp.service"});
  CHECK(plan.needs_reboot);
}

TEST_CASE("a reboot is a fact of the plan and a note, not a step") {
  PlanFixture host;
  host.want("/boot/firmware/config.txt", "x\n", {{ReactionKind::reboot, ""}}).in_place = true;
  const auto plan = host.plan();
  CHECK(plan.needs_reboot);
  CHECK(plan.changes.size() == 1);
  CHECK(plan.notes == Words{"a reboot is needed because /boot/firmware/config.txt changes"});
}

TEST_CASE("missing packages come first and what they push out is said") {
  PlanFixture host;
  host.target.packages = {"chrony", "dnsmasq"};
  host.target.excluded_packages = {"systemd-timesyncd", "ntpsec"};
  host.packages.present = {{"dnsmasq", "2"}, {"systemd-timesyncd", "252"}};
  auto plan = host.plan();
  CHECK(in_words(plan) == Words{"install chrony"});
  CHECK(plan.notes == Words{"installing chrony removes package systemd-timesyncd"});
  host.packages.present["chrony"] = "4";
  plan = host.plan();
  CHECK(plan.empty());
  CHECK(plan.notes == Words{"package systemd-timesyncd is installed and conflicts with this role"});
}

TEST_CASE("a unit whose file goes is stopped and disabled while the file is still there") {
  PlanFixture host;
  host.files.put("/etc/systemd/system/old.service", "[Service]\n");
  host.services.put("old.service", {"enabled", true});
  host.managed.records = {{system::RootedPath{"/etc/systemd/system/old.service"},
                           target::FileKind::owned,
                           "[Service]\n",
                           0644,
                           false,
                           {}}};
  CHECK(in_words(host.plan()) == Words{"stop old.service", "disable old.service",
                                       "remove /etc/systemd/system/old.service", "daemon_reload"});
}

TEST_CASE("a file of a daemon that is gone, masked or going is no reason to restart it") {
  const std::string drop_in = "/etc/systemd/timesyncd.conf.d/50-timectl.conf";
  const target::Reaction restart{ReactionKind::restart, "systemd-timesyncd.service"};
  PlanFixture host;
  host.files.put(drop_in, "[Time]\n");
  host.managed.records = {
      {system::RootedPath{drop_in}, target::FileKind::owned, "[Time]\n", 0644, false, {restart}}};
  CHECK(in_words(host.plan()) == Words{"remove " + drop_in});
  host.services.put("systemd-timesyncd.service", {"enabled", false, true});
  CHECK(in_words(host.plan()) == Words{"remove " + drop_in});
  host.services.put("systemd-timesyncd.service", {"enabled", true});
  CHECK(in_words(host.plan()) == Words{"remove " + drop_in, "restart systemd-timesyncd.service"});
  want_unit(host, "systemd-timesyncd.service", Enablement::masked, Activity::unchanged);
  CHECK(in_words(host.plan()) == Words{"remove " + drop_in, "mask systemd-timesyncd.service"});
}

TEST_CASE("a unit file that goes asks for a restart of its unit in vain, one that comes does not") {
  const std::string timer = "/etc/systemd/system/timectl-monitor.timer";
  const target::Reaction restart{ReactionKind::restart, "timectl-monitor.timer"};
  PlanFixture host;
  host.want(timer, "[Timer]\n", {restart});
  CHECK(in_words(host.plan()) ==
        Words{"create " + timer, "daemon_reload", "restart timectl-monitor.timer"});
  host.target = {};
  host.files.put(timer, "[Timer]\n");
  host.services.put("timectl-monitor.timer", {"disabled", false});
  host.managed.records = {
      {system::RootedPath{timer}, target::FileKind::owned, "[Timer]\n", 0644, false, {restart}}};
  CHECK(in_words(host.plan()) == Words{"remove " + timer, "daemon_reload"});
}

TEST_CASE("a file where systemd needs a link is refused before anything is changed") {
  const auto refusal_of = [](Enablement enablement, const std::string& path, bool is_link) {
    PlanFixture host;
    host.services.put("chrony.service", {"disabled", false});
    want_unit(host, "chrony.service", enablement, Activity::unchanged);
    is_link ? host.files.put_link(path, "/nowhere") : host.files.put(path, "[Unit]\n");
    return test::error_of([&] { host.plan(); });
  };
  const std::string want = "/etc/systemd/system/multi-user.target.wants/chrony.service";
  const std::string unit = "/etc/systemd/system/chrony.service";
  for (const auto& path :
       {want, std::string{"/etc/systemd/system/x.target.upholds/chrony.service"}}) {
    const auto refusal = refusal_of(Enablement::enabled, path, false);
    REQUIRE(refusal);
    CHECK(refusal->kind() == ErrorKind::refused);
    CHECK(test::mentions(refusal, "'" + path + "'"));
  }
  CHECK(refusal_of(Enablement::masked, unit, false));
  CHECK_FALSE(refusal_of(Enablement::enabled, want, true));
  CHECK_FALSE(refusal_of(Enablement::masked, want, false));
  CHECK_FALSE(refusal_of(Enablement::disabled, want, false));
}

TEST_CASE("a directory of links that is a link itself is refused, if a unit's link belongs there") {
  const auto try_with = [](const std::string& linked, const std::string& install) {
    PlanFixture host;
    host.files.put_link("/etc/systemd/system/" + linked, "/srv/elsewhere");
    host.services.put("a.service", {"disabled", false});
    host.want("/etc/systemd/system/a.service", "[Install]\n" + install);
    host.files.put("/usr/lib/systemd/system/b.service", "[Install]\nRequiredBy=b.target\n");
    host.target.units = {
        {"a.service", Enablement::enabled, Activity::unchanged, false, "is wanted"}};
    return error_of([&] { host.plan(); });
  };
  for (const auto* install : {"WantedBy=x.target\n", "Alias=x.target.wants/a.service\n"}) {
    const auto error = try_with("x.target.wants", install);
    REQUIRE(error);
    CHECK(error->kind() == ErrorKind::refused);
    CHECK(mentions(error,
                   "cannot enable 'a.service': '/etc/systemd/system/x.target.wants' is a "
                   "symbolic link"));
    CHECK(error->hint() ==
          "put a directory in its place: rm '/etc/systemd/system/x.target.wants' "
          "&& mkdir '/etc/systemd/system/x.target.wants'");
  }
  CHECK(try_with("b.target.requires", "WantedBy=x.target\nAlso=b.service\n"));
  CHECK_FALSE(try_with("y.target.wants", "WantedBy=x.target\n"));
}

TEST_CASE("a unit is not disabled where a link of its own is behind a link") {
  PlanFixture host;
  host.files.put_link("/etc/systemd/system/x.target.wants", "/srv/wants");
  host.files.put_link("/srv/wants/a.service", "/usr/lib/systemd/system/a.service");
  host.services.put("a.service", {"enabled", false});
  host.target.units = {{"a.service", Enablement::disabled, Activity::unchanged, false, "is not"}};
  CHECK(mentions(error_of([&] { host.plan(); }), "cannot disable 'a.service'"));
}

namespace {

/// chrony.service is to be enabled, and asks for a second name.
struct HostWithAlias : PlanFixture {
  HostWithAlias() {
    files.put("/usr/lib/systemd/system/chrony.service",
              "[Install]\nWantedBy=multi-user.target\nAlias=chronyd.service\n");
    services.put("chrony.service", {"disabled", false});
    want_unit(*this, "chrony.service", Enablement::enabled, Activity::unchanged);
  }
  std::optional<Error> refusal() {
    return error_of([&] { static_cast<void>(plan()); });
  }
};

constexpr auto alias = "/etc/systemd/system/chronyd.service";

}  // namespace

TEST_CASE("what stands where a unit's alias is to be is refused by the plan") {
  HostWithAlias host;
  CHECK_FALSE(host.refusal());
  host.files.put(alias, "[Service]\n");
  auto error = host.refusal();
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::refused);
  CHECK(mentions(error, "'/etc/systemd/system/chronyd.service' stands where systemd needs a link"));
  host.files.erase(alias);
  host.files.put_link(alias, "/usr/lib/systemd/system/other.service");
  error = host.refusal();
  REQUIRE(error);
  CHECK(mentions(error, "leads to '/usr/lib/systemd/system/other.service'"));
  CHECK(error->hint().find("rm '/etc/systemd/system/chronyd.service'") != std::string::npos);
}

TEST_CASE("an alias that leads to its unit already is not in the way") {
  for (const auto* target : {"/usr/lib/systemd/system/chrony.service", "/lib/x/chrony.service"}) {
    HostWithAlias host;
    host.files.put_link(alias, target);
    CHECK_FALSE(host.refusal());
  }
}
