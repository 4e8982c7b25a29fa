// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "healthy_site.hpp"
#include "support/catch.hpp"

using namespace timectl;
using namespace timectl::probe;
using namespace timectl::test;
using namespace std::chrono_literals;

TEST_CASE("timesyncd's frozen properties are seen through by the age of the last reply") {
  HealthySite site{"main-pi"};
  auto& state = *site.daemons.timesync_state;
  const auto after = [&](std::chrono::seconds age) {
    state.message->destination = site.clock.now() - age;
    return site.ask("timesync.server");
  };
  CHECK(after(12s).summary == "timesyncd follows 192.168.4.2 (traceable), last reply 12 s ago");
  CHECK(after(190s).verdict == Verdict::ok);  // the poll interval is 64 s
  CHECK(after(195s).verdict == Verdict::failed);
  const auto dead = after(40min);
  CHECK(dead.summary == "the last reply of 192.168.4.2 is 40 min old");
  CHECK(number_of(dead, "last_reply_age_s") == Approx(2400));
  state.poll_interval = 2048s;
  CHECK(after(40min).verdict == Verdict::ok);
  CHECK(after(10h).verdict == Verdict::failed);
}

TEST_CASE("what timesyncd follows is the site's server, or it is said") {
  struct Row {
    const char* what;
    std::function<void(system::TimesyncState&)> change;
    Verdict verdict;
    const char* summary;
  };
  const std::vector<Row> rows{
      {"an island", [](auto& s) { s.message->reference_id = "7F7F0101"; }, Verdict::ok,
       "timesyncd follows 192.168.4.2 (island), last reply 12 s ago"},
      {"a fallback",
       [](auto& s) {
         s.server_name = "0.debian.pool.ntp.org";
         s.server_address = "203.0.113.7";
       },
       Verdict::warning, "timesyncd follows a fallback: 0.debian.pool.ntp.org"},
      {"nobody", [](auto& s) { s.server_address = ""; }, Verdict::failed,
       "timesyncd follows nobody"},
      {"no reply yet", [](auto& s) { s.message.reset(); }, Verdict::warning,
       "timesyncd asks 192.168.4.2 and has had no reply yet"},
      {"runtime servers", [](auto& s) { s.runtime_servers = {"192.168.4.2"}; }, Verdict::warning,
       "timesyncd uses runtime servers in place of NTP="},
      {"unarmed", [](auto& s) { s.message->leap = 3; }, Verdict::failed,
       "192.168.4.2 answers, but has no time to give"},
  };
  for (const auto& row : rows) {
    INFO(row.what);
    HealthySite site{"main-pi"};
    row.change(*site.daemons.timesync_state);
    const auto finding = site.ask("timesync.server");
    CHECK(finding.verdict == row.verdict);
    CHECK(finding.summary == row.summary);
    CHECK((finding.verdict == Verdict::ok) == finding.remedy.empty());
  }
}

TEST_CASE("a timesyncd that networkd muted is told apart from one without servers") {
  HealthySite site{"main-pi"};
  site.daemons.timesync_state->server_address = "";
  site.services.put("systemd-networkd.service");
  site.files.put("/run/systemd/netif/state", "OPER_STATE=off\nCARRIER_STATE=off\n");
  CHECK(site.ask("timesync.server").summary ==
        "timesyncd asks nobody: systemd-networkd says the host is offline");
}

TEST_CASE("a timesyncd that is not on the bus was said not to run, whatever its unit says") {
  HealthySite site{"main-pi"};
  site.daemons.timesync_state.reset();
  CHECK(site.ask("timesync.server").verdict == Verdict::unknown);
  CHECK(site.ask("timesync.server").summary == "timesyncd runs, and cannot be asked");
  site.services.put("systemd-timesyncd.service").state.active_state = "inactive";
  CHECK(site.ask("timesync.server").verdict == Verdict::failed);
  CHECK(site.ask("timesync.server").summary == "timesyncd does not run");
}

TEST_CASE("the controller's process is compared with its unit exactly") {
  struct Row {
    const char* what;
    std::vector<std::string> loaded, process;
    Verdict verdict;
  };
  const std::vector<Row> rows{
      {"the same", {"CONSERVE_POWER=1"}, {"A=b", "CONSERVE_POWER=1"}, Verdict::ok},
      {"neither", {}, {"PATH=/bin"}, Verdict::ok},
      {"ten is not one", {"CONSERVE_POWER=1"}, {"CONSERVE_POWER=10"}, Verdict::failed},
      {"not restarted", {"CONSERVE_POWER=1"}, {"PATH=/bin"}, Verdict::failed},
      {"left over", {}, {"CONSERVE_POWER=1"}, Verdict::failed},
      {"something of its own", {"MODE=a"}, {"MODE=b"}, Verdict::ok},
  };
  for (const auto& row : rows) {
    INFO(row.what);
    HealthySite site{"main-pi"};
    auto& unit = site.services.put("controller.service");
    unit.state.environment = row.loaded;
    std::string drop_in = "[Service]\n";
    for (const auto& assignment : row.loaded) {
      if (assignment != "MODE=a") drop_in += "Environment=" + assignment + "\n";
    }
    site.files.put("/run/systemd/system/controller.service.d/ntp-environment.conf", drop_in);
    unit.process = row.process;
    CHECK(site.ask("controller.environment").verdict == row.verdict);
  }
}

TEST_CASE("a drop-in in /etc that hides the one in /run is found by its name") {
  HealthySite site{"main-pi"};
  const std::string name = "/systemd/system/controller.service.d/ntp-environment.conf";
  site.files.put("/run" + name, "[Service]\nEnvironment=CONSERVE_POWER=1\n");
  site.files.put("/etc" + name, "[Service]\n");
  site.services.put("controller.service").state.drop_in_paths = {"/etc" + name};
  auto finding = site.ask("controller.environment");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.remedy == "timectl provision, or rm '/etc" + name +
                              "' && systemctl daemon-reload && systemctl try-restart "
                              "controller.service");
  site.files.remove(system::RootedPath{"/run" + name});
  finding = site.ask("controller.environment");
  CHECK(finding.summary == "a leftover drop-in of controller.service hides timectl's");
}

TEST_CASE("power that was saved without permission was ok while unit and process agreed") {
  HealthySite site{"main-pi"};
  site.files.remove(
      system::RootedPath{"/run/systemd/system/controller.service.d/ntp-environment.conf"});
  const auto finding = site.ask("controller.environment");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary ==
        "controller.service has CONSERVE_POWER=1, which timectl did not give it");
  site.services.put("controller.service").state.environment = {};
  CHECK(site.ask("controller.environment").verdict == Verdict::failed);  // the process still has it
  site.services.put("controller.service").process = {};
  CHECK(site.ask("controller.environment").verdict == Verdict::ok);
}

TEST_CASE("a drop-in that somebody removed was taken for a setting of the unit's own") {
  HealthySite site{"main-pi"};
  const std::string path = "/run/systemd/system/controller.service.d/ntp-environment.conf";
  site.files.remove(system::RootedPath{path});
  auto& unit = site.services.put("controller.service");
  unit.state.drop_in_paths = {path};
  CHECK(site.ask("controller.environment").cause == path + " was removed, and not by the monitor");
  unit.state.drop_in_paths = {};  // systemd has read its units again
  unit.state.environment = {};
  CHECK(site.ask("controller.environment").remedy == "systemctl try-restart controller.service");
}

TEST_CASE("a unit that loaded something else than timectl's drop-in says fails") {
  HealthySite site{"main-pi"};
  site.files.put("/run/systemd/system/controller.service.d/ntp-environment.conf",
                 "[Service]\nEnvironment=CONSERVE_POWER=0\n");
  CHECK(site.ask("controller.environment").cause ==
        "given: CONSERVE_POWER=0; loaded: CONSERVE_POWER=1");
}

TEST_CASE("an admin's own override in /etc and /run was taken for ours, and to be removed") {
  HealthySite site{"main-pi"};
  const std::string name = "/systemd/system/controller.service.d/override.conf";
  site.files.put("/run" + name, "[Service]\n");
  site.files.put("/etc" + name, "[Service]\nNice=5\n");
  CHECK(site.ask("controller.environment").verdict == Verdict::ok);
}

TEST_CASE("a controller that is absent, stopped, failed or not reloaded is each its own case") {
  HealthySite site{"main-pi"};
  auto& state = site.services.put("controller.service").state;
  state.needs_daemon_reload = true;
  CHECK(site.ask("controller.environment").remedy ==
        "systemctl daemon-reload && systemctl try-restart controller.service");
  state.needs_daemon_reload = false;
  state.active_state = "inactive";
  CHECK(site.ask("controller.environment").verdict == Verdict::ok);
  state.active_state = "failed";
  CHECK(site.ask("controller.environment").verdict == Verdict::warning);
  site.services = SmallServices{};
  CHECK(site.ask("controller.environment").summary ==
        "there is no controller.service on this host");
}

TEST_CASE("a controller with an environment beyond the limit is not known, and never ok") {
  HealthySite site{"main-pi"};
  auto& unit = site.services.put("controller.service");
  unit.process.push_back("JUNK=" + std::string(3U << 20, 'x'));
  const auto finding = site.ask("controller.environment");
  CHECK(finding.verdict == Verdict::unknown);
  CHECK(finding.summary ==
        "cannot read '/proc/4711/environ': it is larger than 2 MiB, the limit for the environment "
        "of a process");
}

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
  CHECK(stopped.summary == "the monitor has not run for 12 min");
  CHECK(elapses("0", "18446744073709551615").summary == "the monitor has not run since boot");
  CHECK(elapses("0", "3601000000").verdict == Verdict::ok);
}

TEST_CASE("a timer whose times nobody tells is unknown: it may have stopped to elapse") {
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
  CHECK(site.ask("monitor.timer").summary == "the monitor has not run for 12 min");
}

TEST_CASE("the variables of a profile's own levels are looked for in the controller's process") {
  HealthySite site{"main-pi"};
  site.host().controller->levels = {
      profile::Environment{"ECO=1"}, profile::Environment{"ECO=1", "DIM=0"}, {}};
  const std::string path = "/run/systemd/system/controller.service.d/ntp-environment.conf";
  site.files.put(path, "[Service]\nEnvironment=ECO=1\nEnvironment=NTP_SERVER=192.168.4.2\n");
  auto& unit = site.services.put("controller.service");
  unit.state.environment = {"ECO=1", "NTP_SERVER=192.168.4.2"};
  unit.process = {"PATH=/usr/bin", "NTP_SERVER=192.168.4.2"};
  CHECK(site.ask("controller.environment").verdict == Verdict::failed);
  unit.process = {"PATH=/usr/bin", "ECO=1", "NTP_SERVER=192.168.4.2"};
  CHECK(site.ask("controller.environment").verdict == Verdict::ok);
  site.files.remove(system::RootedPath{path});
  unit.state.environment = {};
  unit.process = {"DIM=0"};
  CHECK(site.ask("controller.environment").cause.starts_with("it was started with it"));
}

TEST_CASE("a variable that the unit has of its own for bad times is no fault of its environment") {
  HealthySite site{"main-pi"};
  site.host().controller->levels = {profile::Environment{"MODE=eco"},
                                    profile::Environment{"MODE=eco"},
                                    profile::Environment{"DIM=1"}};
  const std::string path = "/run/systemd/system/controller.service.d/ntp-environment.conf";
  auto& unit = site.services.put("controller.service");
  unit.state.environment = {"MODE=full"};
  unit.process = {"MODE=full"};
  site.files.remove(system::RootedPath{path});
  CHECK(site.ask("controller.environment").verdict == Verdict::ok);
  site.files.put(path, "[Service]\nEnvironment=DIM=1\nEnvironment=NTP_SERVER=192.168.4.2\n");
  unit.state.environment = {"MODE=full", "DIM=1", "NTP_SERVER=192.168.4.2"};
  unit.process = unit.state.environment;
  CHECK(site.ask("controller.environment").verdict == Verdict::ok);
  unit.process.front() = "MODE=eco";  // not restarted since
  CHECK(site.ask("controller.environment").verdict == Verdict::failed);
}
