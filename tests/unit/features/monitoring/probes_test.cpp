// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "healthy_site.hpp"
#include "support/catch.hpp"

using namespace timectl;
using namespace timectl::probe;
using namespace timectl::test;
using namespace std::chrono_literals;

TEST_CASE("the monitor's timer has to be enabled and active, and its last run a success") {
  HealthySite site{"main-pi"};
  site.services.put("timectl-monitor.service").state.result = "exit-code";
  CHECK(site.ask("monitor.timer").summary == "the monitor's last run failed");
  site.services.put("timectl-monitor.timer").state.active_state = "inactive";
  CHECK(site.ask("monitor.timer").verdict == Verdict::failed);
  CHECK(site.ask("monitor.timer").remedy == "systemctl enable --now timectl-monitor.timer");
  site.services.put("timectl-monitor.timer").state.load_state = "masked";
  CHECK(site.ask("monitor.timer").summary == "timectl-monitor.timer is masked");
  // Beneath the mask there is no unit: it has the place of the file.
  CHECK(site.ask("monitor.timer").remedy == "timectl provision");
  site.services = SmallServices{};
  CHECK(site.ask("monitor.timer").summary == "there is no timectl-monitor.timer");
}

TEST_CASE("a timer that is active and does not elapse any more is found by its last run") {
  HealthySite site{"main-pi"};
  // The fake boot was an hour ago; busctl has both in microseconds of that clock.
  const auto elapses = [&](const char* last, const char* next) {
    site.processes.install("busctl", 0, std::string{"t "} + last + "\nt " + next + "\n");
    return site.ask("monitor.timer");
  };
  const auto fine = elapses("3577000000", "3637000000");
  CHECK(fine.verdict == Verdict::ok);
  CHECK(fine.summary == "the monitor's last run was 23 s ago and succeeded");
  CHECK(number_of(fine, "last_run_age_s") == Approx(23));
  CHECK(number_of(fine, "next_run_s") == Approx(37));
  const auto stopped = elapses("2880000000", "18446744073709551615");
  CHECK(stopped.verdict == Verdict::failed);
  CHECK(stopped.summary == "timectl monitor has not run for 12 min");
  CHECK(elapses("0", "18446744073709551615").summary == "timectl monitor has not run since boot");
  CHECK(elapses("0", "3601000000").verdict == Verdict::ok);
}

TEST_CASE("a timer whose times are not known is unknown: it may have stopped to elapse") {
  HealthySite site{"main-pi"};
  site.processes.install("busctl", 1, "");
  CHECK(site.ask("monitor.timer").verdict == Verdict::unknown);
  site.processes.uninstall("busctl");
  CHECK(site.ask("monitor.timer").verdict == Verdict::unknown);
}

TEST_CASE("a night of sleep does not make the monitor's last run older") {
  HealthySite site{"main-pi"};
  site.clock.suspend(8h);
  site.processes.install("busctl", 0, "t 3577000000\nt 3637000000\n");
  const auto finding = site.ask("monitor.timer");
  CHECK(finding.verdict == Verdict::ok);
  CHECK(number_of(finding, "last_run_age_s") == Approx(23));
  CHECK(number_of(finding, "next_run_s") == Approx(37));
  site.processes.install("busctl", 0, "t 2880000000\nt 18446744073709551615\n");
  CHECK(site.ask("monitor.timer").summary == "timectl monitor has not run for 12 min");
}
