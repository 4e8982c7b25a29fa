// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// controller.environment where the profile has steps of power saving.
#include "controller/contract.hpp"
#include "healthy_site.hpp"
#include "support/catch.hpp"

using namespace timectl;
using namespace timectl::test;
using probe::Verdict;

namespace {

/// Two steps, the second for an error bound of 100 ms.
struct SteppedSite : HealthySite {
  SteppedSite() : HealthySite("main-pi") {
    profile::PowerLevel level;
    level.is_list = false;
    level.steps = {{{}, {}, {"ECO=1"}}, {Seconds{0.1}, {}, {"ECO=2"}}};
    host().controller->levels = {level, level, {}};
    gives(2);
    runs_with(2);
  }

  std::string text(int step) {
    return controller::wanted_text(host().controller->levels, quality::State::traceable, step,
                                   "192.168.4.2");
  }
  void gives(int step) {
    files.put("/run/systemd/system/controller.service.d/ntp-environment.conf", text(step));
    services.put("controller.service").state.environment = controller::variables_of(text(step));
  }
  void runs_with(int step) {
    auto variables = controller::variables_of(text(step));
    variables.insert(variables.begin(), "PATH=/usr/bin");
    services.put("controller.service").process = variables;
  }
  void within(double bound) {
    FakeNtpServer server;
    server.root_dispersion_s = bound;
    datagrams.put_server(endpoint("192.168.4.2"), server);
  }
  probe::Finding asked() { return ask("controller.environment"); }
};

std::int64_t evidence(const probe::Finding& finding, const std::string& key) {
  for (const auto& [name, value] : finding.evidence) {
    if (name == key) return std::get<std::int64_t>(value);
  }
  return -1;
}

}  // namespace

TEST_CASE("a level that the error bound allows is in order, and so is one below it") {
  SteppedSite site;
  site.within(0.01);
  auto finding = site.asked();
  CHECK(finding.verdict == Verdict::ok);
  CHECK(evidence(finding, "power_level") == 2);
  CHECK(evidence(finding, "power_level_allowed") == 2);
  site.gives(1);
  site.runs_with(1);
  finding = site.asked();
  CHECK(finding.verdict == Verdict::ok);
  CHECK(evidence(finding, "power_level") == 1);
  CHECK(evidence(finding, "power_level_allowed") == 2);
}

TEST_CASE("a level that the error bound does not allow is a fault") {
  SteppedSite site;
  site.within(0.5);
  auto finding = site.asked();
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary ==
        "controller.service saves power at level 2, and the time allows level 1 at most");
  CHECK(finding.remedy == "timectl monitor");
  site.within(9);
  finding = site.asked();
  CHECK(finding.summary == "controller.service saves power at level 2, and the time allows none");
  CHECK(evidence(finding, "power_level_allowed") == 0);
  CHECK(finding.cause.find("that level") == std::string::npos);  // the time is not trusted at all
  site.services.put("controller.service").state.main_pid = 0;
  CHECK(site.asked().summary.find("saves power") == std::string::npos);
}

TEST_CASE(
    "a process that has a higher level than its unit is a fault, one that has a lower is not") {
  SteppedSite site;
  site.within(0.01);
  site.gives(1);
  CHECK(site.asked().verdict == Verdict::failed);
  site.gives(2);
  site.runs_with(1);
  const auto finding = site.asked();
  CHECK(finding.verdict == Verdict::warning);
  CHECK(finding.summary == "controller.service still runs at level 1; its unit has level 2");
  site.services.put("controller.service").process = {"ECO=2", "POWER_LEVEL=1",
                                                     "NTP_SERVER=192.168.4.2"};
  CHECK(site.asked().verdict == Verdict::failed);  // no step's variables
}

TEST_CASE("a level that the process kept when power saving was withdrawn is a fault") {
  SteppedSite site;
  site.files.remove(
      system::RootedPath{"/run/systemd/system/controller.service.d/ntp-environment.conf"});
  site.services.put("controller.service").state.environment = {};
  site.services.put("controller.service").process = {"POWER_LEVEL=2"};
  CHECK(site.asked().verdict == Verdict::failed);
  site.services.put("controller.service").process = {};
  const auto finding = site.asked();
  CHECK(finding.verdict == Verdict::ok);
  CHECK(evidence(finding, "power_level") == 0);
}

TEST_CASE("a unit's own server and level 0 for bad times are no power that is saved") {
  SteppedSite site;
  site.files.remove(
      system::RootedPath{"/run/systemd/system/controller.service.d/ntp-environment.conf"});
  site.within(100);
  auto& unit = site.services.put("controller.service");
  for (const auto* level : {"POWER_LEVEL=0", "MODE=full"}) {
    INFO(level);
    unit.state.environment = {level, "NTP_SERVER=ntp.lan"};
    unit.process = unit.state.environment;
    const auto finding = site.asked();
    CHECK(finding.verdict == Verdict::ok);
    CHECK(evidence(finding, "power_level") == 0);
  }
  unit.process.front() = "POWER_LEVEL=1";
  CHECK(site.asked().verdict == Verdict::failed);
}
