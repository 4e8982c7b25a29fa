// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "scratch.hpp"
#include "support/catch.hpp"
#include "support/fake_files.hpp"
#include "system/linux/linux.hpp"
#include "system/linux/packages_apt.hpp"

#include <algorithm>

using namespace timectl;
using namespace timectl::system;
using timectl::test::error_of;
using timectl::test::FakeFiles;
using timectl::test::ScriptedProcesses;

namespace {

const std::string status =
    "Package: chrony\nStatus: install ok installed\nPriority: optional\nArchitecture: arm64\n"
    "Version: 4.3-2+deb12u1\nDescription: Versatile implementation of NTP\n"
    " Package: not-a-package\n .\n Version: 0\n"
    "\n"
    "Package: ntp\nStatus: deinstall ok config-files\nVersion: 1:4.2\n"
    "\n"
    "Package: half\nStatus: install ok half-configured\nVersion: 1\n"
    "\n"
    "Package: dnsmasq-base\nStatus: install ok installed\nVersion: 1:2.90-4\n";

CommandResult failed(const std::string& errors, int code = 100) {
  return {code, "", errors, false};
}

}  // namespace

TEST_CASE("dpkg's status file names what is installed and configured, and nothing else") {
  CHECK(os::parse_dpkg_status(status) ==
        std::map<std::string, std::string>{{"chrony", "4.3-2+deb12u1"},
                                           {"dnsmasq-base", "1:2.90-4"}});
  CHECK(os::parse_dpkg_status("").empty());
  CHECK(os::parse_dpkg_status("garbage\n\n\nPackage").empty());
  CHECK(os::parse_dpkg_status("\n" + status).size() == 2);
  // A file that was cut off still names what it names.
  CHECK(os::parse_dpkg_status(status.substr(0, status.size() - 1)).size() == 2);
  CHECK(os::parse_dpkg_status(status.substr(0, 40)).size() <= 1);
}

TEST_CASE("what apt would install is known with its version, an old one aside") {
  const auto versions = os::parse_simulated_versions(
      "Inst libedit2 (3.1-20221030-2 Debian:12.5/stable [arm64])\n"
      "Inst chrony [4.2-1] (4.3-2+deb12u1 Debian:12.5/stable [arm64]) []\n"
      "Remv systemd-timesyncd [252.39-1]\nConf chrony (4.3-2+deb12u1 x [arm64])\nInst half\n");
  CHECK(versions == std::map<std::string, std::string>{{"chrony", "4.3-2+deb12u1"},
                                                       {"libedit2", "3.1-20221030-2"}});
}

TEST_CASE("archives of a repository on this machine are found by their URIs") {
  using Paths = std::vector<std::string>;
  CHECK(os::parse_local_archives("'file:/srv/a/chrony_4.3%2bdeb12u1_arm64.deb' chrony.deb 1 x\n"
                                 "'http://mirror.example/x.deb' x.deb 1 x\n"
                                 "'file:///srv/b%20c/y.deb' y.deb 1 x\n'file:/cut\n'\n\n") ==
        Paths{"/srv/a/chrony_4.3+deb12u1_arm64.deb", "/srv/b c/y.deb"});
  CHECK(os::parse_local_archives("'file:/srv/100%.deb' x 1 x\n") == Paths{"/srv/100%.deb"});
}

TEST_CASE("what was fetched is unpacked, all of it or nothing") {
  FakeFiles files{{"/var/cache/apt/archives/chrony_4.3-2_arm64.deb", "deb"},
                  {"/var/cache/apt/archives/chrony_4.1-1_arm64.deb", "another version"}};
  const ScriptedProcesses processes{[](const Command& command) {
    const auto& first = command.arguments.front();
    if (first == "-s") {
      return CommandResult{0, "Inst liba (1 x [arm64])\nInst chrony (4.3-2 x [arm64])\n", "",
                           false};
    }
    return CommandResult{0, first == "-qq" ? "'file:/srv/liba_1.deb' liba.deb 1 x\n" : "", "",
                         false};
  }};
  const auto packages = os::make_packages(files, processes);
  packages->unpack({"chrony"}, "/tmp/x");
  const auto& runs = processes.runs();
  REQUIRE(runs.size() == 4);
  CHECK(runs[2] == "dpkg-deb --extract /srv/liba_1.deb /tmp/x");
  CHECK(runs[3] == "dpkg-deb --extract /var/cache/apt/archives/chrony_4.3-2_arm64.deb /tmp/x");
  files.erase("/var/cache/apt/archives/chrony_4.3-2_arm64.deb");
  CHECK(error_of([&] { packages->unpack({"chrony"}, "/tmp/x"); }).kind == ErrorKind::missing);
  CHECK(processes.runs().size() == 6);
}

TEST_CASE("a package that is held or waits for a trigger is installed") {
  std::string text;
  for (const std::string state :
       {"hold ok installed", "install ok triggers-awaited", "install ok triggers-pending",
        "hold ok config-files", "install ok unpacked", "install reinstreq half-installed",
        "deinstall ok not-installed"}) {
    const auto name = state.substr(state.rfind(' ') + 1);
    text += "Package: " + name + "\nStatus: " + state + "\nVersion: 1\n\n";
  }
  CHECK(os::parse_dpkg_status(text) ==
        std::map<std::string, std::string>{
            {"installed", "1"}, {"triggers-awaited", "1"}, {"triggers-pending", "1"}});
}

TEST_CASE("a host without dpkg has no packages") {
  const FakeFiles none;
  const FakeFiles some{{"/var/lib/dpkg/status", status}};
  const ScriptedProcesses processes{[](const Command&) { return CommandResult{}; }};
  CHECK(os::make_packages(none, processes)->installed().empty());
  CHECK(os::make_packages(some, processes)->installed().count("chrony") == 1);
}

TEST_CASE("a simulated installation tells what comes and what goes") {
  const FakeFiles files;
  const ScriptedProcesses processes{[](const Command&) {
    return CommandResult{0,
                         "Reading package lists...\n"
                         "Remv systemd-timesyncd [252.39-1~deb12u1]\n"
                         "Inst chrony (4.3-2+deb12u1 Debian:12.12/oldstable [amd64])\n"
                         "Conf chrony (4.3-2+deb12u1 Debian:12.12/oldstable [amd64])\n",
                         "", false};
  }};
  const auto steps = os::make_packages(files, processes)->simulate_install({"chrony"});
  CHECK(steps.install == std::vector<std::string>{"chrony"});
  CHECK(steps.remove == std::vector<std::string>{"systemd-timesyncd"});
  CHECK(processes.runs().front().find("apt-get -s ") == 0);
}

TEST_CASE("what apt-get refuses becomes an error of the right kind, in its own words") {
  const FakeFiles files;
  const auto refusal = [&](const CommandResult& result) {
    const ScriptedProcesses processes{[&](const Command&) { return result; }};
    return error_of([&] { os::make_packages(files, processes)->simulate_install({"chronyy"}); });
  };
  const auto missing = refusal(failed("E: Unable to locate package chronyy\n"));
  CHECK(missing.kind == ErrorKind::missing);
  CHECK(missing.message ==
        "cannot plan the installation of 'chronyy': Unable to locate package chronyy");
  CHECK(missing.hint == "run apt-get update, or come back with a network");
  CHECK(refusal(failed("E: Package 'ntp' has no installation candidate\n")).kind ==
        ErrorKind::missing);
  CHECK(refusal(failed("E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by 1\n"))
            .kind == ErrorKind::busy);
  CHECK(refusal(failed("E: Could not open lock file /var/lib/dpkg/lock (13: Permission denied)\n"
                       "E: Unable to acquire the dpkg lock, are you root?\n"))
            .kind == ErrorKind::permission);
  CHECK(refusal(failed("E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to "
                       "correct the problem.\n"))
            .hint == "run dpkg --configure -a");
  CHECK(refusal(failed("")).message.find("exit status 100") != std::string::npos);
  auto slow = failed("");
  slow.timed_out = true;
  CHECK(refusal(slow).kind == ErrorKind::timeout);
}

TEST_CASE("packages are fetched before any of them is installed, and out of reach is an error") {
  const FakeFiles files;
  const ScriptedProcesses online{[](const Command&) { return CommandResult{}; }};
  os::make_packages(files, online)->fetch({"chrony"});
  CHECK(online.runs() ==
        std::vector<std::string>{"apt-get -y -q --download-only -o DPkg::Lock::Timeout=120 "
                                 "-o APT::Status-Fd=1 --no-install-recommends install -- chrony"});
  const ScriptedProcesses offline{[](const Command&) {
    return CommandResult{100, "", "E: Failed to fetch http://mirror.example/x.deb\n", false};
  }};
  const auto error = error_of([&] { os::make_packages(files, offline)->fetch({"chrony"}); });
  CHECK(error.kind == ErrorKind::missing);
  CHECK(error.message.find("cannot fetch 'chrony': ") == 0);
}

TEST_CASE("an installation asks nothing, keeps changed conffiles and waits for the lock") {
  const FakeFiles files;
  Command seen;
  const ScriptedProcesses processes{[&](const Command& command) {
    seen = command;
    return CommandResult{};
  }};
  os::make_packages(files, processes)->install({"chrony", "dnsmasq"});
  const auto& line = processes.runs().front();
  for (const auto* part : {"--force-confold", "DPkg::Lock::Timeout=120", "-y",
                           "--no-install-recommends install -- chrony dnsmasq"}) {
    CHECK(line.find(part) != std::string::npos);
  }
  CHECK(std::count(seen.environment.begin(), seen.environment.end(),
                   std::pair<std::string, std::string>{"DEBIAN_FRONTEND", "noninteractive"}) == 1);
}

TEST_CASE("what apt-get says of its progress is handed on while it runs") {
  const FakeFiles files;
  const std::string output =
      "Reading package lists...\n"
      "Need to get 287 kB of archives.\n"
      "After this operation, 627 kB of additional disk space will be used.\n"
      "dlstatus:1:20.5:Retrieving file 1 of 5 (remaining)\n"
      "pmstatus:dpkg-exec:0.0:Running dpkg\n"
      "pmstatus:libc6:amd64:40.0:Unpacking libc6:amd64\n"
      "pmstatus:chrony:100.0:Installed chrony\n"
      "pmstatus:chrony\npmstatus:a:b:c\ndlstatus:1:300:too much\npmerror:chrony:10:no\n";
  const ScriptedProcesses processes{[&](const Command& command) {
    if (command.heard) {
      for (const auto& line : lines_of(output)) command.heard(line);
    }
    return CommandResult{};
  }};
  const auto packages = os::make_packages(files, processes);
  std::vector<std::pair<std::string, std::optional<int>>> heard;
  packages->report_progress([&](const PackageProgress& progress) {
    heard.emplace_back(progress.step, progress.percent);
  });
  packages->install({"chrony"});
  const decltype(heard) expected{
      {"Need to get 287 kB of archives.", {}},
      {"After this operation, 627 kB of additional disk space will be used.", {}},
      {"Retrieving file 1 of 5 (remaining)", 20},
      {"Running dpkg", 0},
      {"Unpacking libc6:amd64", 40},
      {"Installed chrony", 100}};
  CHECK(heard == expected);
}

TEST_CASE("packages are kept from apt's cache, else downloaded, else named as lost") {
  const FakeFiles files{{"/var/lib/dpkg/status", status},
                        {"/var/cache/apt/archives/dnsmasq-base_1%3a2.90-4_arm64.deb", "deb"},
                        {"/var/cache/apt/archives/chrony_4.1-1_arm64.deb", "another version"}};
  bool online = true;
  const ScriptedProcesses processes{[&](const Command& command) {
    return command.program == "env" && !online ? failed("E: no network\n") : CommandResult{};
  }};
  const auto packages = os::make_packages(files, processes);
  packages->keep({"chrony", "dnsmasq-base"}, "/var/lib/timectl/debs");
  CHECK(processes.runs() ==
        std::vector<std::string>{
            "env --chdir=/var/lib/timectl/debs apt-get -q download -- chrony=4.3-2+deb12u1",
            "cp -- /var/cache/apt/archives/dnsmasq-base_1%3a2.90-4_arm64.deb /var/lib/timectl/debs",
            "sync -f -- /var/lib/timectl/debs"});
  online = false;
  const auto thrown = error_of([&] {
    packages->keep({"chrony", "dnsmasq-base", "absent"}, "/debs");
  });
  CHECK(thrown.kind == ErrorKind::missing);
  CHECK(thrown.message.find("'chrony absent'") != std::string::npos);
}

TEST_CASE("packages are put back by dpkg, all at once, and none at all is an error") {
  const FakeFiles files;
  std::string found = "/debs/a.deb\n/debs/b.deb\n";
  const ScriptedProcesses processes{[&](const Command& command) {
    return CommandResult{0, command.program == "find" ? found : "", "", false};
  }};
  const auto packages = os::make_packages(files, processes);
  packages->put_back("/debs");
  CHECK(processes.runs().back() ==
        "dpkg --force-confold --auto-deconfigure --install -- /debs/a.deb /debs/b.deb");
  found.clear();
  CHECK(error_of([&] { packages->put_back("/debs"); }).kind == ErrorKind::missing);
}

TEST_CASE("packages of an older release were put back unconfigured: apt has this release's") {
  const FakeFiles files;
  bool fits = true;
  const ScriptedProcesses processes{[&](const Command& command) {
    if (command.program == "find")
      return CommandResult{0, "/debs/timer_252-1_amd64.deb\n", "", false};
    const bool is_simulated = command.program == "apt-get" && command.arguments.front() == "-s";
    if (!is_simulated || fits) return CommandResult{};
    return CommandResult{100, "The following packages have unmet dependencies:\n timer : ...\n",
                         "E: Unable to correct problems, you have held broken packages.\n", false};
  }};
  const auto packages = os::make_packages(files, processes);
  packages->put_back("/debs");
  CHECK(processes.runs().back().starts_with("dpkg --force-confold"));
  fits = false;
  packages->put_back("/debs");
  CHECK(processes.runs().back().starts_with("apt-get -y -q "));
  CHECK(processes.runs().back().ends_with(" install -- timer"));
}

TEST_CASE("what conflicts with a package that is put back makes room for it") {
  const FakeFiles files;
  const std::string conflict =
      "dpkg: regarding .../systemd-timesyncd_252_amd64.deb containing systemd-timesyncd:\n"
      " systemd-timesyncd conflicts with time-daemon\n"
      "  chrony provides time-daemon and is present and installed.\n\n"
      "dpkg: error processing archive /debs/a.deb (--install):\n"
      " conflicting packages - not installing systemd-timesyncd\n"
      "Errors were encountered while processing:\n /debs/a.deb\n";
  std::string marked;
  bool gives_way = true;
  const ScriptedProcesses processes{[&](const Command& command) {
    if (command.program == "find") return CommandResult{0, "/debs/a.deb\n", "", false};
    if (command.arguments.front() == "--set-selections") {
      marked = command.input;
      return CommandResult{};
    }
    return gives_way && !marked.empty() ? CommandResult{} : failed(conflict, 1);
  }};
  const auto packages = os::make_packages(files, processes);
  packages->put_back("/debs");
  CHECK(marked == "chrony deinstall\n");
  gives_way = false;
  CHECK(error_of([&] { packages->put_back("/debs"); }).message ==
        "cannot restore the packages in '/debs': error processing archive /debs/a.deb "
        "(--install): conflicting packages - not installing systemd-timesyncd");
  CHECK(os::parse_conflicts("  b (version 1) is present and unpacked but not configured.\n") ==
        std::vector<std::string>{"b"});
  CHECK(os::parse_conflicts("").empty());
}
