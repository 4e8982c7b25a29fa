// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/journal.hpp"
#include "apply/record.hpp"
#include "apply_fixture.hpp"
#include "state_text.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"

using namespace timectl;
using namespace timectl::apply;
using system::RootedPath;
using test::error_of;
using test::Host;
using test::mentions;
using test::replaced;
using test::sealed_again;

namespace {

/// A value of the journal, and what a card puts in its place.
struct Planted {
  std::string what;
  std::string with;
};

const std::vector<Planted> in_a_journal{
    {R"("mode": 436)", R"("mode": 2541)"},   // 04755
    {R"("mode": 436)", R"("mode": 1517)"},   // 02755
    {R"("mode": 436)", R"("mode": 65972)"},  // S_IFREG and more
    {R"("type": "regular")", R"("type": "other")"},
    {R"("type": "regular")", R"("type": "directory")"},
    {R"("path": "/etc/hosts")", R"("path": "/etc/../../hosts")"},
    {R"("path": "/etc/hosts")", R"("path": "/etc/ho\u001bsts")"},
    {R"("path": "/etc/hosts")", R"("path": "etc/hosts")"},
    {R"("name": "ntp.service")", R"("name": "../../ntp.service")"},
    {R"("name": "ntp.service")", R"("name": "--root=/")"},
    {R"("name": "ntp.service")", R"("name": "-Hroot.service")"},
    {R"("name": "ntp.service")", R"("name": "ntp service.service")"},
    {R"("name": "ntp.service")", R"("name": "")"},
    {R"("blob": "old-)", R"("blob": "../20200101T000000Z-001/old-)"},
    {R"("blob": "old-)", R"("blob": "packages/old-)"},
    {R"("blob": "old-)", R"("blob": "new-)"},
    {R"("subject": "chrony.service")", R"("subject": "../chrony.service")"},
    {R"("subject": "networkd:eth0")", R"("subject": "networkd:--help")"},
    {R"("subject": "networkd:eth0")", R"("subject": "networkd:eth0 up; reboot")"},
    {R"("host_name": "old")", R"("host_name": "ol\u0007d")"},
    {R"("network_checkpoint": "")", R"("network_checkpoint": "../x")"},
    {R"("added": [])", R"("added": [ "-oAPT::x" ])"},
    {R"("previous": "")", R"("previous": "../../etc")"},
};

}  // namespace

TEST_CASE("what a profile could not ask for never comes out of a journal") {
  Host host;
  const auto generation = host.apply().generation;
  const auto path = "/var/lib/timectl/generations/" + generation + "/journal.json";
  const auto whole = host.files.at(path);
  REQUIRE(load_journal(host.files, generation));
  for (const auto& [what, with] : in_a_journal) {
    CAPTURE(what, with);
    REQUIRE(mentions(whole, what));
    for (const bool is_old_schema : {false, true}) {
      auto text = replaced(whole, what, with);
      text = is_old_schema ? test::as_first_schema(text) : sealed_again(text);
      host.files.put(path, text);
      const auto error = error_of([&] { load_journal(host.files, generation); });
      REQUIRE(error);
      CHECK(mentions(error, path));
    }
  }
}

TEST_CASE("a link that a journal wants elsewhere than among systemd's is refused") {
  Host host;
  host.files.put_link("/etc/systemd/system/multi-user.target.wants/ntp.service",
                      "/lib/systemd/system/ntp.service");
  const auto generation = host.apply().generation;
  const auto path = "/var/lib/timectl/generations/" + generation + "/journal.json";
  const auto whole = host.files.at(path);
  const std::string right = "/etc/systemd/system/multi-user.target.wants/ntp.service";
  REQUIRE(mentions(whole, right));
  for (const std::string wrong : {"/etc/systemd/system.conf", "/etc/cron.d/x.service",
                                  "/etc/systemd/system/x.wants/y.service",
                                  "/etc/systemd/system/multi-user.target.wants/deep/ntp.service",
                                  "/etc/systemd/system/multi-user.target.wants/ntp"}) {
    host.files.put(path, sealed_again(replaced(whole, right, wrong)));
    CAPTURE(wrong);
    CHECK(mentions(error_of([&] { load_journal(host.files, generation); }), path));
  }
}

TEST_CASE("a file that is set-user-ID is refused by name before anything is written") {
  for (const std::uint32_t mode : {04755U, 02755U, 01644U}) {
    Host host;
    host.files.put("/etc/hosts", "127.0.0.1 localhost\n", mode);
    const auto before = host.tree();
    const auto error = error_of([&] { host.apply(); });
    REQUIRE(error);
    CHECK(error->kind() == ErrorKind::refused);
    CHECK(mentions(error, "/etc/hosts"));
    CHECK(host.tree() == before);
  }
}

TEST_CASE("a directory of links gets no set-group-ID bit from a journal and keeps its own") {
  Host host;
  const RootedPath wants{"/etc/systemd/system/multi-user.target.wants"};
  host.files.put_link(wants.text() + "/ntp.service", "/lib/systemd/system/ntp.service");
  host.files.set_ownership(wants, {02750, 0, 5});
  host.apply([&] {
    host.files.set_ownership(wants, {0755, 0, 0});
    return std::vector<std::string>{"unhealthy"};
  });
  CHECK(host.files.status(wants)->ownership == system::Ownership{0750, 0, 5});
  host.files.set_ownership(wants, {02750, 0, 5});
  host.apply([&] { return std::vector<std::string>{"unhealthy"}; });
  CHECK(host.files.status(wants)->ownership == system::Ownership{02750, 0, 5});
}

TEST_CASE(
    "a link of a name that systemd does not read is left out of a journal, which stays good") {
  Host host;
  host.files.put_link("/etc/systemd/system/notes", "/lib/systemd/system/ntp.service");
  host.files.put_link("/etc/systemd/system/foo.wants/ntp.service",
                      "/lib/systemd/system/ntp.service");
  const auto before = host.tree();
  const auto outcome = host.apply([&] { return std::vector<std::string>{"unhealthy"}; });
  CHECK(outcome.kind == OutcomeKind::restored);
  CHECK(load_journal(host.files, outcome.generation));
  CHECK(host.tree() == before);
}
