// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "scratch.hpp"
#include "support/catch.hpp"
#include "support/fake_files.hpp"
#include "system/linux/linux.hpp"

using namespace timectl;
using namespace timectl::system;
using timectl::test::error_of;
using timectl::test::FakeFiles;
using timectl::test::Scratch;
using timectl::test::ScriptedProcesses;

namespace {

const std::string unit_file = "[Unit]\nDescription=x\n[Service]\nExecStart=/bin/true\n";
const std::string install = "[Install]\nWantedBy=multi-user.target\n";

ScriptedProcesses no_programs() {
  return ScriptedProcesses{[](const Command&) { return CommandResult{}; }};
}

UnitState state_of(const FakeFiles& files, const std::string& unit) {
  const auto processes = no_programs();
  return os::make_offline_services("/mnt", files, processes)->state(unit);
}

}  // namespace

TEST_CASE("a unit of a root that does not run has files but no activity") {
  const FakeFiles files{{"/usr/lib/systemd/system/a.service", unit_file + install},
                        {"/lib/systemd/system/a.service", "weaker"}};
  const auto state = state_of(files, "a.service");
  CHECK(state.load_state == "loaded");
  CHECK(state.fragment_path == "/usr/lib/systemd/system/a.service");
  CHECK(state.unit_file_state == "disabled");
  CHECK(state.active_state.empty());
  CHECK_FALSE(state.is_active());
  CHECK_FALSE(state_of(files, "b.service").exists());
}

TEST_CASE("links in wants and requires directories, and aliases, are what enabled means") {
  FakeFiles files{
      {"/usr/lib/systemd/system/a.service", unit_file + install},
      {"/usr/lib/systemd/system/b.service", unit_file + install},
      {"/usr/lib/systemd/system/c.service", unit_file + "[Install]\nAlias=see.service\n"}};
  files.put_link("/etc/systemd/system/multi-user.target.wants/a.service",
                 "/usr/lib/systemd/system/a.service");
  files.put_link("/etc/systemd/system/x.target.requires/b.service",
                 "/lib/systemd/system/b.service");
  CHECK(state_of(files, "a.service").is_enabled());
  CHECK(state_of(files, "b.service").is_enabled());
  CHECK(state_of(files, "c.service").unit_file_state == "disabled");
  files.put_link("/etc/systemd/system/see.service", "/usr/lib/systemd/system/c.service");
  CHECK(state_of(files, "c.service").is_enabled());
  const auto by_alias = state_of(files, "see.service");
  CHECK(by_alias.is_enabled());
  CHECK(by_alias.fragment_path == "/usr/lib/systemd/system/c.service");
}

TEST_CASE("a masked unit is masked whatever else is there") {
  FakeFiles files{{"/usr/lib/systemd/system/a.service", unit_file + install},
                  {"/etc/systemd/system/empty.service", ""}};
  files.put_link("/etc/systemd/system/a.service", "/dev/null");
  const auto state = state_of(files, "a.service");
  CHECK(state.is_masked());
  CHECK(state.load_state == "masked");
  CHECK(state.unit_file_state == "masked");
  CHECK(state_of(files, "empty.service").is_masked());
}

TEST_CASE("a unit that nothing can enable is static, one that enables others is indirect") {
  const FakeFiles files{{"/lib/systemd/system/a.service", unit_file},
                        {"/lib/systemd/system/b.service", unit_file + "[Install]\nAlso=b.socket\n"},
                        {"/lib/systemd/system/c.service", unit_file + "[Install]\nWantedBy=\n"}};
  CHECK(state_of(files, "a.service").unit_file_state == "static");
  CHECK(state_of(files, "b.service").unit_file_state == "indirect");
  CHECK(state_of(files, "c.service").unit_file_state == "static");
}

TEST_CASE("drop-ins are listed by name, the strongest of a name only") {
  FakeFiles files{{"/lib/systemd/system/a.service", unit_file},
                  {"/etc/systemd/system/a.service.d/20-b.conf", ""},
                  {"/lib/systemd/system/a.service.d/20-b.conf", ""},
                  {"/lib/systemd/system/a.service.d/10-a.conf", ""},
                  {"/lib/systemd/system/a.service.d/30-off.conf", ""},
                  {"/etc/systemd/system/a.service.d/readme", ""}};
  files.put_link("/etc/systemd/system/a.service.d/30-off.conf", "/dev/null");
  CHECK(state_of(files, "a.service").drop_in_paths ==
        std::vector<std::string>{"/lib/systemd/system/a.service.d/10-a.conf",
                                 "/etc/systemd/system/a.service.d/20-b.conf"});
}

TEST_CASE("an instance is what its template says, and a ring of aliases is no unit") {
  FakeFiles files{{"/lib/systemd/system/getty@.service", unit_file + install}};
  files.put_link("/etc/systemd/system/getty.target.wants/getty@tty1.service",
                 "/lib/systemd/system/getty@.service");
  CHECK(state_of(files, "getty@tty1.service").is_enabled());
  CHECK(state_of(files, "getty@tty2.service").unit_file_state == "disabled");
  files.put_link("/etc/systemd/system/a.service", "b.service");
  files.put_link("/etc/systemd/system/b.service", "a.service");
  CHECK_FALSE(state_of(files, "a.service").exists());
}

TEST_CASE("enabling goes through systemctl --root, and what acts at run time does nothing") {
  const FakeFiles files;
  const auto processes = no_programs();
  const auto services = os::make_offline_services("/mnt/card", files, processes);
  CHECK_FALSE(services->is_running());
  services->start("a.service");
  services->try_restart("a.service");
  services->daemon_reload();
  services->enqueue("start", "a.service");
  CHECK(processes.runs().empty());
  CHECK(error_of([&] {
          services->run_later("a", std::chrono::seconds{1}, {"/bin/true"}, "");
        }).kind == ErrorKind::missing);
  services->enable("a.service");
  CHECK(processes.runs().back() == "systemctl --root=/mnt/card --no-ask-password enable a.service");
  const ScriptedProcesses refusing{[](const Command&) {
    return CommandResult{1, "", "Failed to enable unit: Unit file a.service does not exist.\n",
                         false};
  }};
  const auto thrown = error_of(
      [&] { os::make_offline_services("/mnt/card", files, refusing)->enable("a.service"); });
  CHECK(thrown.kind == ErrorKind::external);
  CHECK(thrown.message.find("cannot enable 'a.service' below '/mnt/card'") == 0);
}

TEST_CASE("the real systemctl and our reading of its links agree") {
  const auto processes = os::make_processes({});
  if (!processes->find("systemctl")) {
    WARN("skipped: systemctl is not installed");
    return;
  }
  const Scratch scratch;
  scratch.put("usr/lib/systemd/system/a.service", unit_file + install);
  scratch.put("etc/os-release", "ID=debian\n");
  const auto files = os::make_files(scratch.path());
  const auto services = os::make_offline_services(scratch.path(), *files, *processes);
  CHECK(services->state("a.service").unit_file_state == "disabled");
  services->enable("a.service");
  CHECK(services->state("a.service").unit_file_state == "enabled");
  services->disable("a.service");
  CHECK(services->state("a.service").unit_file_state == "disabled");
  services->mask("a.service");
  CHECK(services->state("a.service").unit_file_state == "masked");
  services->unmask("a.service");
  CHECK(services->state("a.service").unit_file_state == "disabled");
  CHECK(error_of([&] { services->enable("absent.service"); }).kind == ErrorKind::external);
}

TEST_CASE("a unit with an init script is enabled where update-rc.d of the root cannot run") {
  const auto processes = os::make_processes({});
  if (!processes->find("systemctl")) {
    WARN("skipped: systemctl is not installed");
    return;
  }
  const Scratch scratch;
  scratch.put("usr/lib/systemd/system/chrony.service", unit_file + install);
  scratch.put("etc/os-release", "ID=debian\n");
  for (const std::string program :
       {"etc/init.d/chrony", "usr/sbin/update-rc.d", "usr/lib/systemd/systemd-sysv-install",
        "lib/systemd/systemd-sysv-install"}) {
    scratch.put(program,
                "\x7f"
                "ELF of another architecture");
    std::filesystem::permissions(scratch / program, std::filesystem::perms::owner_all);
  }
  const auto files = os::make_files(scratch.path());
  const auto services = os::make_offline_services(scratch.path(), *files, *processes);
  services->enable("chrony.service");
  CHECK(services->state("chrony.service").is_enabled());
}
