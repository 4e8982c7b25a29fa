// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "scratch.hpp"
#include "support/catch.hpp"
#include "system/linux/linux.hpp"

using namespace timectl;
using namespace timectl::system;
using timectl::test::error_of;
using timectl::test::ScriptedProcesses;

namespace {

ScriptedProcesses chronyc(int status, const std::string& output) {
  return ScriptedProcesses{[=](const Command&) {
    return CommandResult{status, output, "", false};
  }};
}

const std::string tracking_and_sources =
    "C0A80409,192.168.4.9,2,1795894761.5,0.0,0.0,0.0,0.9,0.0,1.7,0.0006,0.0001,64.3,Normal\n"
    "^,*,192.168.4.9,1,6,377,23,0,0,0\n"
    "^,?,192.168.4.10,0,6,0,4294967295,0,0,0\n";

}  // namespace

TEST_CASE("a chronyd that does not run, or is not installed, is no answer and no error") {
  auto processes = chronyc(1, "506 Cannot talk to daemon\n");
  CHECK_FALSE(os::make_time_daemons(processes)->chrony_tracking());
  CHECK_FALSE(os::make_time_daemons(processes)->chrony_sources());
  processes.remove_program("chronyc");
  CHECK_FALSE(os::make_time_daemons(processes)->chrony_tracking());
}

TEST_CASE("the reports of chronyd are asked for as numbers in CSV") {
  const auto processes = chronyc(0, "^,*,192.168.4.2,10,6,377,23,0,0,0\n");
  const auto sources = os::make_time_daemons(processes)->chrony_sources();
  REQUIRE(sources);
  CHECK(sources->size() == 1);
  CHECK(processes.runs() == std::vector<std::string>{"chronyc -c -n sources"});
}

TEST_CASE("what a check asks of chronyd is asked for by one chronyc, of any version") {
  // chrony 4.3 (Debian 12), and 4.6 (Debian 13), which appended fields.
  for (const auto* line : {"30,21,2,0,0,0,0,0,0,0,0\n", "30,21,2,0,0,0,0,0,0,0,0,30,0,0,9,0,0\n"}) {
    const auto processes = chronyc(0, tracking_and_sources + line);
    const auto report = os::make_time_daemons(processes)->chrony_report(ChronyCounters::yes);
    REQUIRE(report);
    CHECK(report->sources.size() == 2);
    REQUIRE(report->server_stats);
    CHECK(report->server_stats->requests == 30);
    CHECK(report->server_stats->dropped == 21);
    CHECK(processes.runs() ==
          std::vector<std::string>{"chronyc -c -n -m tracking sources serverstats"});
  }
  const auto clients = chronyc(0, "192.168.4.1,12,3,6,127,41,0,0,127,4294967295\n");
  CHECK(os::make_time_daemons(clients)->chrony_clients()->size() == 1);
  CHECK(clients.runs() == std::vector<std::string>{"chronyc -c -n clients"});
  // An ordinary user gets everything but the counters.
  const auto partly = chronyc(1, tracking_and_sources + "501 Not authorised\n");
  const auto report = os::make_time_daemons(partly)->chrony_report(ChronyCounters::yes);
  REQUIRE(report);
  CHECK(report->sources.size() == 2);
  CHECK_FALSE(report->server_stats);
  const auto refused = chronyc(1, "501 Not authorised\n501 Not authorised\n");
  CHECK(error_of([&] { os::make_time_daemons(refused)->chrony_report(ChronyCounters::no); }).kind ==
        ErrorKind::permission);
  CHECK_THROWS_AS(os::make_time_daemons(chronyc(0, ""))->chrony_report(ChronyCounters::no), Error);
  CHECK_FALSE(os::make_time_daemons(chronyc(1, "506 Cannot talk to daemon\n"))->chrony_clients());
}

TEST_CASE("chronyd is told what to do, and only 200 OK is a yes") {
  const auto processes = chronyc(0, "200 OK\n");
  const auto daemons = os::make_time_daemons(processes);
  daemons->enable_local({10, true, Seconds{0.1}});
  daemons->enable_local({8, false});
  daemons->disable_local();
  daemons->reload_sources();
  daemons->measure_anew();
  daemons->step_clock();
  CHECK(processes.runs() ==
        std::vector<std::string>{"chronyc -n local stratum 10 orphan distance 0.1",
                                 "chronyc -n local stratum 8 distance 1", "chronyc -n local off",
                                 "chronyc -n reload sources", "chronyc -n reset sources",
                                 "chronyc -n burst 4/8", "chronyc -n makestep"});
  CHECK_THROWS_AS(os::make_time_daemons(chronyc(0, ""))->disable_local(), Error);
}

TEST_CASE("a step that chronyc did not hear of, because of its own clock, was called a failure") {
  std::string offset = "0.000015";
  const ScriptedProcesses processes{[&](const Command& command) {
    if (command.arguments.back() == "makestep") {
      return CommandResult{1, "506 Cannot talk to daemon\n", "", false};
    }
    const auto tracking = "C0A80409,192.168.4.9,2,1795894761.5," + offset +
                          ",0.0,0.0,0.9,0.0,1.7,0.0006,0.0001,64.3,Normal\n";
    return CommandResult{0, tracking, "", false};
  }};
  const auto daemons = os::make_time_daemons(processes);
  CHECK_NOTHROW(daemons->step_clock());
  offset = "3600.0";
  CHECK_THROWS_AS(daemons->step_clock(), Error);
}

TEST_CASE("what chronyd refuses is an error of the right kind") {
  const auto refusal = [](int status, const std::string& output) {
    const auto processes = chronyc(status, output);
    return error_of([&] { os::make_time_daemons(processes)->enable_local({10}); });
  };
  CHECK(refusal(1, "506 Cannot talk to daemon\n").kind == ErrorKind::missing);
  CHECK(refusal(1, "501 Not authorised\n").kind == ErrorKind::permission);
  CHECK(refusal(1, "503 No such source\n").message ==
        "cannot enable chronyd's local reference: chronyc says '503 No such source'");
  CHECK(refusal(2, "").message.find("exit status 2") != std::string::npos);
}

TEST_CASE("a chronyd that hangs is a timeout and not an absence") {
  const ScriptedProcesses processes{[](const Command&) {
    return CommandResult{143, "", "", true};
  }};
  CHECK(error_of([&] { os::make_time_daemons(processes)->chrony_tracking(); }).kind ==
        ErrorKind::timeout);
}
