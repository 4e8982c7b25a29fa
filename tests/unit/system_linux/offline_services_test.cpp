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

namespace {

const std::string unit_file = "[Unit]\nDescription=x\n[Service]\nExecStart=/bin/true\n";
const std::string install = "[Install]\nWantedBy=multi-user.target\n";

UnitState state_of(FakeFiles files, const std::string& unit) {
  return os::make_offline_services("/mnt", files)->state(unit);
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

TEST_CASE("a regular file in a wants directory is not an enabled unit") {
  FakeFiles files{{"/lib/systemd/system/a.service", unit_file + install},
                  {"/etc/systemd/system/multi-user.target.wants/a.service", ""}};
  files.put_directory("/etc/systemd/system/x.target.requires/a.service");
  CHECK(state_of(files, "a.service").unit_file_state == "disabled");
  files.put_link("/etc/systemd/system/y.target.upholds/a.service", "/lib/systemd/system/a.service");
  CHECK(state_of(files, "a.service").is_enabled());
}

TEST_CASE("what a card has in /run is gone when it boots, and says nothing of its units") {
  FakeFiles files{{"/lib/systemd/system/a.service", unit_file + install},
                  {"/run/systemd/system/b.service", unit_file}};
  files.put_link("/run/systemd/system/multi-user.target.wants/a.service",
                 "/lib/systemd/system/a.service");
  files.put_link("/run/systemd/system/a.service", "/dev/null");
  CHECK(state_of(files, "a.service").unit_file_state == "disabled");
  CHECK_FALSE(state_of(files, "b.service").exists());
}

TEST_CASE("a relative link to null masks, and drop-ins say how a unit is enabled") {
  FakeFiles files{{"/lib/systemd/system/a.service", unit_file},
                  {"/lib/systemd/system/b.service", unit_file},
                  {"/etc/systemd/system/b.service.d/x.conf", install}};
  files.put_link("/etc/systemd/system/a.service", "../../../dev/null");
  CHECK(state_of(files, "a.service").is_masked());
  CHECK(state_of(files, "b.service").unit_file_state == "disabled");
}

TEST_CASE("a name that leaves the unit directory is the name of no unit") {
  const FakeFiles files{{"/x.service", unit_file}, {"/lib/systemd/system/a/b.service", unit_file}};
  for (const auto* name : {"../../../x.service", "a/b.service", "", ".service", "a.conf"}) {
    CHECK_FALSE(state_of(files, name).exists());
  }
}

TEST_CASE("what acts at run time does nothing where nothing runs") {
  FakeFiles files;
  const auto before = files.snapshot();
  const auto services = os::make_offline_services("/mnt/card", files);
  CHECK_FALSE(services->is_running());
  services->start("a.service");
  services->try_restart("a.service");
  services->daemon_reload();
  services->enqueue("start", "a.service");
  CHECK(files.snapshot() == before);
  CHECK(error_of([&] {
          services->run_later("a", std::chrono::seconds{1}, {"/bin/true"}, "");
        }).kind == ErrorKind::missing);
}
