// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "healthy_site.hpp"
#include "support/catch.hpp"

using namespace timectl;
using namespace timectl::probe;
using namespace timectl::test;
using namespace std::chrono_literals;

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
  CHECK(finding.summary == "an old drop-in of controller.service hides timectl's");
}

TEST_CASE("power that was saved without permission was ok while unit and process agreed") {
  HealthySite site{"main-pi"};
  site.files.remove(
      system::RootedPath{"/run/systemd/system/controller.service.d/ntp-environment.conf"});
  const auto finding = site.ask("controller.environment");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary == "controller.service has CONSERVE_POWER=1, which timectl did not set");
  site.services.put("controller.service").state.environment = {};
  CHECK(site.ask("controller.environment").verdict == Verdict::failed);  // the process still has it
  site.services.put("controller.service").process = {};
  CHECK(site.ask("controller.environment").verdict == Verdict::ok);
}

TEST_CASE("a drop-in that was removed was taken for a setting of the unit's own") {
  HealthySite site{"main-pi"};
  const std::string path = "/run/systemd/system/controller.service.d/ntp-environment.conf";
  site.files.remove(system::RootedPath{path});
  auto& unit = site.services.put("controller.service");
  unit.state.drop_in_paths = {path};
  CHECK(site.ask("controller.environment").cause.starts_with(path + " was removed, and systemd "));
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

TEST_CASE("a controller that systemd did not call active was ok while its processes saved power") {
  struct Row {
    const char* what;
    const char* state;
    std::uint32_t main_pid;
    const char* remedy;
  };
  const std::vector<Row> rows{
      {"ignores its stop", "deactivating", 321,
       "systemctl kill --signal=SIGKILL controller.service"},
      {"oneshot that remains", "active", 0, "systemctl try-restart controller.service"},
      {"never ready", "activating", 321, "systemctl try-restart controller.service"},
      {"outlived its unit", "inactive", 0, "systemctl kill --signal=SIGKILL controller.service"},
      {"outlived its failed unit", "failed", 0,
       "systemctl kill --signal=SIGKILL controller.service"},
  };
  for (const auto& row : rows) {
    INFO(row.what);
    HealthySite site{"main-pi"};
    site.files.remove(
        system::RootedPath{"/run/systemd/system/controller.service.d/ntp-environment.conf"});
    auto& unit = site.services.put("controller.service");
    unit.state.environment.clear();
    unit.state.active_state = row.state;
    unit.state.main_pid = row.main_pid;
    unit.process = {"CONSERVE_POWER=1", "NTP_SERVER=192.168.4.2"};
    if (row.main_pid == 0) unit.others = {{"/opt/controller --token=secret", unit.process}};
    const auto finding = site.ask("controller.environment");
    CHECK(finding.verdict == Verdict::failed);
    CHECK(finding.summary.find("has CONSERVE_POWER=1 NTP_SERVER=192.168.4.2") != std::string::npos);
    CHECK(finding.summary.find("secret") == std::string::npos);
    CHECK(finding.remedy == row.remedy);
  }
}

TEST_CASE("a process that an earlier run left behind has another environment than the unit") {
  HealthySite site{"main-pi"};
  auto& unit = site.services.put("controller.service");
  unit.others = {{"/usr/bin/worker", {"PATH=/bin"}}};  // what clears its environment is no fault
  CHECK(site.ask("controller.environment").verdict == Verdict::ok);
  unit.others = {{"/usr/bin/worker", {"CONSERVE_POWER=1", "NTP_SERVER=192.168.4.7"}}};
  const auto finding = site.ask("controller.environment");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary ==
        "process 5000 (worker) of controller.service has another environment than its unit");
  CHECK(finding.remedy == "kill 5000");  // a restart may spare it, as it did before
}

TEST_CASE("a wrapper that keeps the environment to itself is named as what it is") {
  HealthySite site{"main-pi"};
  auto& unit = site.services.put("controller.service");
  for (const auto* wrapper : {"/usr/bin/sudo -u pi /opt/controller", "su - pi -c /opt/controller",
                              "/usr/bin/docker run --rm controller"}) {
    INFO(wrapper);
    unit.command = wrapper;
    unit.others = {{"/opt/controller", {"PATH=/bin"}}};
    auto finding = site.ask("controller.environment");
    CHECK(finding.verdict == Verdict::warning);
    CHECK(finding.summary.find(" keeps what timectl sets from what it starts") !=
          std::string::npos);
    // sudo -E and su without a dash hand it on.
    unit.others = {{"/opt/controller", unit.process}};
    CHECK(site.ask("controller.environment").verdict == Verdict::ok);
  }
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

TEST_CASE("a server that the unit names by itself was taken for power that is saved") {
  HealthySite site{"main-pi"};
  site.files.remove(
      system::RootedPath{"/run/systemd/system/controller.service.d/ntp-environment.conf"});
  auto& unit = site.services.put("controller.service");
  unit.state.environment = {"NTP_SERVER=ntp.lan"};
  unit.process = unit.state.environment;
  CHECK(site.ask("controller.environment").verdict == Verdict::ok);
  unit.state.environment.clear();  // an EnvironmentFile= names it
  unit.others = {{"/usr/bin/worker", unit.process}};
  CHECK(site.ask("controller.environment").verdict == Verdict::ok);
  unit.process.emplace_back("CONSERVE_POWER=1");
  CHECK(site.ask("controller.environment").verdict == Verdict::failed);
}

TEST_CASE("what many processes have in all is not read beyond 4 MiB, and what was read counts") {
  HealthySite site{"main-pi"};
  auto& unit = site.services.put("controller.service");
  const std::vector<std::string> large{"PATH=/bin", "JUNK=" + std::string(3U << 19, 'x')};
  unit.others.assign(3, {"/usr/bin/worker", large});
  auto finding = site.ask("controller.environment");
  CHECK(finding.verdict == Verdict::ok);
  unit.others.assign(10, {"/usr/bin/worker", large});
  finding = site.ask("controller.environment");
  CHECK(finding.verdict == Verdict::unknown);
  CHECK(finding.summary ==
        "cannot read the environments of all processes of 'controller.service': they are larger "
        "than 4 MiB together");
  site.files.remove(
      system::RootedPath{"/run/systemd/system/controller.service.d/ntp-environment.conf"});
  unit.state.environment.clear();
  finding = site.ask("controller.environment");
  CHECK(finding.verdict == Verdict::failed);
  CHECK(finding.summary.find("has CONSERVE_POWER=1") != std::string::npos);
}

TEST_CASE("a controller that had just begun to stop was to be killed") {
  struct Row {
    const char* what;
    std::chrono::microseconds since, timeout;
    Verdict verdict;
  };
  const std::vector<Row> rows{
      {"just begun", 20s, 90s, Verdict::pending},
      {"a timeout that is not known", 20s, 0s, Verdict::pending},
      {"longer than its unit allows", 20s, 10s, Verdict::failed},
      {"a long timeout", 200s, 600s, Verdict::pending},
      {"without an end", 301s, std::chrono::microseconds::max(), Verdict::failed},
  };
  for (const auto& row : rows) {
    INFO(row.what);
    HealthySite site{"main-pi"};
    const std::string path = "/run/systemd/system/controller.service.d/ntp-environment.conf";
    auto& unit = site.services.put("controller.service");
    unit.state.active_state = "deactivating";
    unit.state.changed_at = std::chrono::duration_cast<std::chrono::microseconds>(
        site.clock.awake_since_boot() - row.since);
    unit.state.stop_timeout = row.timeout;
    unit.others = {{"/usr/bin/worker", {"CONSERVE_POWER=1", "NTP_SERVER=192.168.4.7"}}};
    CHECK(site.ask("controller.environment").verdict == row.verdict);
    site.files.remove(system::RootedPath{path});
    unit.state.environment.clear();
    const auto finding = site.ask("controller.environment");
    CHECK(finding.verdict == row.verdict);
    const bool is_to_be_killed = finding.remedy.find("SIGKILL") != std::string::npos;
    CHECK(is_to_be_killed == (row.verdict == Verdict::failed));
  }
}
