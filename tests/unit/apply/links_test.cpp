// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/links.hpp"

#include "apply/past.hpp"
#include "apply_fixture.hpp"
#include "support/catch.hpp"

using namespace timectl;
using namespace timectl::apply;
using system::RootedPath;
using test::Host;

namespace {

const std::string units = "/etc/systemd/system/";
const std::string wants = units + "multi-user.target.wants";

/// Has ntp.service enabled by hand, with a target and a directory that systemctl would not make.
struct LinkedHost : Host {
  LinkedHost() {
    files.put_directory(wants);
    files.set_ownership(RootedPath{wants}, {0750, 0, 7});
    files.put_link(wants + "/ntp.service", "/lib/systemd/system/ntp.service");
    files.put_link(units + "ntpd.service", "/lib/systemd/system/ntp.service");
    files.put_link(units + "timers.target.wants/other.timer", "/lib/systemd/system/other.timer");
  }

  /// Undone after systemd changed the links as `systemd` says.
  Outcome undo_after(const std::function<void()>& systemd) {
    return apply([&] {
      systemd();
      return std::vector<std::string>{"the health check says no"};
    });
  }
};

}  // namespace

TEST_CASE("what systemd tidied away with a link comes back as it was, the directory too") {
  LinkedHost host;
  const auto before = host.tree();
  const auto outcome = host.undo_after([&] {
    host.files.remove(RootedPath{wants + "/ntp.service"});
    host.files.remove(RootedPath{units + "ntpd.service"});
    host.files.remove_directory_if_empty(RootedPath{wants});
  });
  CHECK(outcome.kind == OutcomeKind::restored);
  CHECK(host.tree() == before);
}

TEST_CASE("wherever bringing links back is cut off, nothing but links is there") {
  for (int write = 1;; ++write) {
    LinkedHost host;
    plan::UnitLinks links;
    links.units = {"ntp.service", "other.timer"};
    links.links = {{RootedPath{wants + "/ntp.service"}, "/elsewhere/ntp.service"},
                   {RootedPath{units + "graphical.target.wants/ntp.service"}, "../ntp.service"}};
    host.files.fail_on_write(write, true);
    bool failed = false;
    try {
      restore_links(links, host.files);
    } catch (const Error&) {
      failed = true;
    }
    host.mend();
    CAPTURE(write);
    for (const auto& [path, node] : host.tree()) {
      const bool is_staged = path.find("timectl-new") != std::string::npos;
      REQUIRE_FALSE(is_staged);
    }
    if (!failed) break;
  }
}

TEST_CASE("links that enabling again makes after its own taste are put right") {
  LinkedHost host;
  const auto before = host.tree();
  host.undo_after([&] {
    host.files.set_ownership(RootedPath{wants}, {0755, 0, 0});
    host.files.put_link(wants + "/ntp.service", "/usr/lib/systemd/system/ntp.service");
    host.files.put_link(wants + "/chrony.service", "/usr/lib/systemd/system/chrony.service");
    host.files.put_link(units + "chronyd.service", "/usr/lib/systemd/system/chrony.service");
  });
  CHECK(host.tree() == before);
}

TEST_CASE("a directory that was made for a link goes with it, unless something else is in it") {
  LinkedHost host;
  host.undo_after([&] {
    host.files.put_link(units + "a.target.wants/chrony.service", "/lib/x/chrony.service");
    host.files.put_link(units + "b.target.wants/chrony.service", "/lib/x/chrony.service");
    host.files.put_link(units + "b.target.wants/theirs.service", "/lib/x/theirs.service");
  });
  CHECK_FALSE(host.files.has(units + "a.target.wants"));
  CHECK_FALSE(host.files.has(units + "b.target.wants/chrony.service"));
  CHECK(host.files.has(units + "b.target.wants/theirs.service"));
}

TEST_CASE("links of units that the plan did not name stay as they were made") {
  LinkedHost host;
  const auto link = units + "timers.target.wants/other.timer";
  host.undo_after([&] { host.files.put_link(link, "/opt/other.timer"); });
  CHECK(host.files.at(link) == "/opt/other.timer");
}

TEST_CASE("a unit that is disabled along with another gets its links back too") {
  LinkedHost host;
  host.files.put("/usr/lib/systemd/system/ntp.service",
                 "[Install]\nWantedBy=multi-user.target\nAlso=ntp-wait.service ntp.socket\n");
  host.files.put_link(wants + "/ntp.socket", "/lib/systemd/system/ntp.socket");
  const auto before = host.tree();
  host.undo_after([&] { host.files.remove(RootedPath{wants + "/ntp.socket"}); });
  CHECK(host.tree() == before);
}

TEST_CASE("a companion that a drop-in names, and its own companion, get their links back too") {
  LinkedHost host;
  host.files.put("/usr/lib/systemd/system/ntp.service", "[Install]\nWantedBy=multi-user.target\n");
  host.files.put(units + "ntp.service.d/also.conf", "[Install]\nAlso=\"ntp-wait.service\"\n");
  host.files.put("/usr/lib/systemd/system/ntp-wait.service", "[Install]\nAlso=ntp.socket\n");
  host.files.put_link(wants + "/ntp.socket", "/lib/systemd/system/ntp.socket");
  const auto before = host.tree();
  host.undo_after([&] { host.files.remove(RootedPath{wants + "/ntp.socket"}); });
  CHECK(host.tree() == before);
}

TEST_CASE("an undo that died between staging a link and swapping it in leaves no staged link") {
  LinkedHost host;
  const auto before = host.tree();
  host.apply([&] {
    host.files.stage_link(RootedPath{wants + "/ntp.service"}, "/lib/systemd/system/ntp.service");
    host.files.fail_on_write(1, true);
    return std::vector<std::string>{"power cut"};
  });
  host.mend();
  CHECK(host.recover().kind == OutcomeKind::restored);
  CHECK(host.tree() == before);
}

TEST_CASE("a link that cannot be put back is told, and the next recover tries again") {
  LinkedHost host;
  const auto before = host.tree();
  host.apply([&] {
    host.files.remove(RootedPath{units + "ntpd.service"});
    host.files.fail_on_write(1, true);
    return std::vector<std::string>{"the disk is full"};
  });
  CHECK(find_interrupted(host.files));
  host.mend();
  CHECK(host.recover().kind == OutcomeKind::restored);
  CHECK(host.tree() == before);
}

TEST_CASE("links that are gone, lead elsewhere or have come since are not as they were") {
  LinkedHost host;
  const plan::UnitLinks before{
      {"ntp.service"},
      {{RootedPath{wants + "/ntp.service"}, "/lib/systemd/system/ntp.service"},
       {RootedPath{units + "ntpd.service"}, "/lib/systemd/system/ntp.service"},
       {RootedPath{"/run/systemd/system/ntp.service"}, "/dev/null"}},
      {}};
  CHECK(find_other_links(before, host.files).empty());
  host.files.remove(RootedPath{units + "ntpd.service"});
  host.files.put_link(wants + "/ntp.service", "/usr/lib/systemd/system/ntp.service");
  host.files.put_link(units + "ntp.service", "/dev/null");
  host.files.put_link(units + "x.target.requires/ntp.service", "/lib/systemd/system/ntp.service");
  CHECK(find_other_links(before, host.files) ==
        std::vector<RootedPath>{RootedPath{wants + "/ntp.service"},
                                RootedPath{units + "ntp.service"},
                                RootedPath{units + "ntpd.service"},
                                RootedPath{units + "x.target.requires/ntp.service"}});
}
