// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "plan/unit_files.hpp"
#include "plan_fixture.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"

using namespace timectl;
using namespace timectl::plan;
using system::RootedPath;
using target::Activity;
using target::Enablement;
using target::ReactionKind;
using test::error_of;
using test::in_words;
using test::PlanFixture;
using Words = std::vector<std::string>;

namespace {

const std::string etc = "/etc/systemd/system/";
const std::string run = "/run/systemd/system/";
const std::string lib = "/usr/lib/systemd/system/";

/// Wants chrony to run, which is installed and enabled beneath whatever masks it.
struct MaskedHost : PlanFixture {
  MaskedHost() {
    files.put(lib + "chrony.service", "[Install]\nAlias=chronyd.service\n");
    services.put("chrony.service", {"enabled", false});
    target.units = {
        {"chrony.service", Enablement::enabled, Activity::running, false, "keeps the clock"}};
  }

  Plan plan_anew() {
    services.daemon_reload();
    return plan();
  }
};

std::string why_unmasked(const Plan& plan) {
  for (const auto& change : plan.changes) {
    const auto* unit = std::get_if<UnitChange>(&change);
    if (unit && unit->action == UnitAction::unmask) return unit->why;
  }
  return {};
}

}  // namespace

TEST_CASE("a unit is masked by a link or an empty file in either place, and the plan says where") {
  const auto check = [](auto&& mask, const std::string& places) {
    MaskedHost host;
    mask(host.files);
    const auto plan = host.plan_anew();
    CHECK(why_unmasked(plan) == "masked by " + places + "; keeps the clock");
  };
  const auto in_etc = etc + "chrony.service";
  const auto in_run = run + "chrony.service";
  check([&](auto& files) { files.put_link(in_etc, "/dev/null"); }, in_etc);
  check([&](auto& files) { files.put_link(in_run, "/dev/null"); }, in_run);
  check([&](auto& files) { files.put(in_run, ""); }, in_run);
  check(
      [&](auto& files) {
        files.put_link(in_etc, "/dev/null");
        files.put_link(in_run, "/dev/null");
      },
      in_etc + " and " + in_run);
}

TEST_CASE("a unit that is masked until the next boot is masked") {
  system::UnitState state;
  state.load_state = "loaded";  // systemd has not read its units again
  state.unit_file_state = "masked-runtime";
  CHECK(state.is_masked());
}

TEST_CASE("a mask is what leads to /dev/null or to an empty file, and nothing else") {
  test::FakeFiles files;
  const auto is = [&](const std::string& name) { return is_mask(files, RootedPath{etc + name}); };
  files.put_link(etc + "link.service", "/dev/null");
  files.put_link(etc + "relative.service", "../../../dev/null");
  files.put_link(etc + "twice.service", "relative.service");
  files.put(etc + "empty.service", "");
  files.put_link(etc + "to-empty.service", "empty.service");
  for (const auto* name : {"link", "relative", "twice", "empty", "to-empty"}) {
    CAPTURE(name);
    CHECK(is(std::string{name} + ".service"));
  }
  files.put(etc + "real.service", "[Unit]\n");
  files.put_link(etc + "alias.service", "real.service");
  files.put_link(etc + "gone.service", "/nowhere/gone.service");
  files.put_link(etc + "circle.service", "circle.service");
  files.put_other(etc + "fifo.service");
  files.put_directory(etc + "directory.service");
  files.put_link(etc + "to-directory.service", "directory.service");
  for (const auto* name :
       {"real", "alias", "gone", "circle", "fifo", "directory", "to-directory", "not-there"}) {
    CAPTURE(name);
    CHECK_FALSE(is(std::string{name} + ".service"));
  }
}

TEST_CASE("a mask that systemctl leaves in place is refused before anything is changed") {
  for (const auto& place : {lib + "chrony.service", std::string{"/usr/local/lib/systemd/system/"
                                                                "chrony.service"}}) {
    CAPTURE(place);
    MaskedHost host;
    host.files.put_link(etc + "chrony.service", "/dev/null");
    host.files.erase(lib + "chrony.service");
    host.files.put_link(place, "/dev/null");
    const auto error = error_of([&] { host.plan_anew(); });
    REQUIRE(error);
    CHECK(error->kind() == ErrorKind::refused);
    CHECK(std::string{error->what()} == "cannot unmask 'chrony.service': it is masked by '" +
                                            place + "', which systemctl unmask leaves in place");
    CHECK(error->hint() == "rm '" + place + "' && systemctl daemon-reload");
  }
}

TEST_CASE("a unit that is only to be stopped stays masked") {
  MaskedHost host;
  host.services.put("ntp.service", {"enabled", true, true});
  host.target.units = {{"ntp.service", Enablement::disabled, Activity::stopped, true, "competes"}};
  CHECK(in_words(host.plan()) == Words{"stop ntp.service"});
}

TEST_CASE("an empty file that masks is a change of its own, so that it comes back as it was") {
  MaskedHost host;
  host.services.put("chrony.service", {"enabled", true});
  host.files.put(etc + "chrony.service", "", 0640);
  host.want("/etc/chrony/f", "x\n", {{ReactionKind::restart, "chrony.service"}});
  CHECK(in_words(host.plan_anew()) ==
        Words{"create /etc/chrony/f", "remove " + etc + "chrony.service", "daemon_reload",
              "unmask chrony.service", "enable chrony.service", "restart chrony.service"});
}

TEST_CASE("an alias that is masked is unmasked, or enabling would find a link in its way") {
  MaskedHost host;
  host.services.put("chrony.service", {"disabled", true});
  host.files.put_link(etc + "chronyd.service", "/dev/null");
  const auto plan = host.plan_anew();
  CHECK(in_words(plan) == Words{"unmask chronyd.service", "enable chrony.service"});
  CHECK(why_unmasked(plan) ==
        "masked by " + etc + "chronyd.service; it is an alias of chrony.service");
}

TEST_CASE("a mask in the place of timectl's own unit file gives way, and the plan says so") {
  for (const bool is_link : {true, false}) {
    PlanFixture host;
    const auto timer = etc + "timectl-monitor.timer";
    is_link ? host.files.put_link(timer, "/dev/null") : host.files.put(timer, "");
    host.services.daemon_reload();
    host.target.units = {{"timectl-monitor.timer", Enablement::enabled, Activity::running, false,
                          "watches the time"}};
    host.want(timer, "[Timer]\n");
    const auto plan = host.plan();
    CHECK(in_words(plan) == Words{"modify " + timer, "daemon_reload",
                                  "unmask timectl-monitor.timer", "enable timectl-monitor.timer",
                                  "start timectl-monitor.timer"});
    CHECK(why_unmasked(plan) == "masked by " + timer + "; watches the time");
    CHECK(plan.notes.empty());
    host.target.units.clear();
    CHECK(host.plan().notes == Words{"timectl-monitor.timer is masked by " + timer +
                                     ": its unit file takes that place"});
  }
}

TEST_CASE("a link that is no mask is not replaced by a unit file of timectl's") {
  PlanFixture host;
  const auto timer = etc + "timectl-monitor.timer";
  host.files.put(lib + "other.timer", "[Timer]\n");
  host.files.put_link(timer, lib + "other.timer");
  host.want(timer, "[Timer]\n");
  const auto error = error_of([&] { host.plan(); });
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::refused);
}

TEST_CASE("a masked unit that still runs is not restarted, which systemd would refuse") {
  MaskedHost host;
  host.target.units.clear();
  host.services.put("controller.service", {"enabled", true, true});
  host.want("/etc/c", "x\n", {{ReactionKind::try_restart, "controller.service"}});
  CHECK(in_words(host.plan()) == Words{"create /etc/c"});
}

TEST_CASE("companions are read in the file beneath the mask") {
  test::FakeFiles files{{lib + "a.service",
                         "[Unit]\nAlso=not-here.service\n[Install]\n Also = b.socket c.timer\n"
                         "Also=%p.socket ../../x.service /etc/passwd\n"}};
  const auto words = [&](const std::string& fragment) {
    return install_links_of(files, "a.service", fragment).also;
  };
  const Words companions{"b.socket", "c.timer", "a.socket"};
  CHECK(words(lib + "a.service") == companions);
  files.put_link(etc + "a.service", "/dev/null");
  CHECK(words(etc + "a.service") == companions);
  CHECK(words("/dev/null") == companions);
  CHECK(words("") == companions);
}

TEST_CASE("a fragment that is no file that can be read names no companions") {
  test::FakeFiles files;
  files.put_other(etc + "fifo.service");
  files.put_directory(etc + "directory.service");
  files.put_link(etc + "circle.service", "circle.service");
  files.put_link(etc + "gone.service", "/nowhere");
  files.put(etc + "secret.service", "[Install]\nAlso=x.service\n");
  files.forbid_reading(etc + "secret.service");
  for (const auto* name : {"fifo", "directory", "circle", "gone", "secret", "not-there"}) {
    CAPTURE(name);
    const auto unit = std::string{name} + ".service";
    CHECK(install_links_of(files, unit, etc + unit).also.empty());
  }
}

TEST_CASE("companions are read as systemd does: continued lines, quotes, drop-ins, specifiers") {
  test::FakeFiles files{
      {lib + "a@.service",
       "[Install]\nAlso=one.socket \\\n# a comment in between\n  \"two.socket\"\n"},
      {lib + "a@.service.d/1.conf", "[Install]\nAlso=%p-%i.timer\n"},
      {run + "a@x.service.d/2.conf", "[Install]\nAlso=run.socket\n"},
      {etc + "a@x.service.d/3.conf", "[Install]\nAlso=etc.socket\n"},
      {lib + "a@x.service.d/3.conf", "[Install]\nAlso=hidden.socket\n"}};
  CHECK(install_links_of(files, "a@x.service", lib + "a@.service").also ==
        Words{"one.socket", "two.socket", "a-x.timer", "run.socket", "etc.socket"});
}

TEST_CASE("an alias has the drop-ins of the unit that it leads to") {
  test::FakeFiles files{{lib + "chrony.service", "[Install]\nAlias=chronyd.service\n"},
                        {etc + "chrony.service.d/x.conf", "[Install]\nAlso=wait.service\n"}};
  files.put_link(etc + "chronyd.service", lib + "chrony.service");
  CHECK(install_links_of(files, "chronyd.service", "").also == Words{"wait.service"});
}
