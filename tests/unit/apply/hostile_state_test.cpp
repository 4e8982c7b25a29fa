// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/journal.hpp"
#include "apply/record.hpp"
#include "apply_fixture.hpp"
#include "state_text.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"

#include <fmt/format.h>

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

TEST_CASE("no set-user-ID, set-group-ID or sticky file comes out of a journal") {
  for (const auto* mode : {"2541", "1517", "932"}) {
    Host host;
    host.apply([&] {
      host.files.fail_on_write(1, true);
      return std::vector<std::string>{"power cut"};
    });
    host.mend();
    const auto generation = find_interrupted(host.files)->generation;
    const auto path = "/var/lib/timectl/generations/" + generation + "/journal.json";
    for (const bool is_old_schema : {false, true}) {
      const auto text =
          replaced(host.files.at(path), R"("mode": 436)", fmt::format("\"mode\": {}", mode));
      host.files.put(path, is_old_schema ? test::as_first_schema(text) : sealed_again(text));
      const auto journal = load_journal(host.files, generation);
      REQUIRE(journal);
      for (const auto& file : journal->files) {
        CHECK((file.ownership.mode & 07000U) == 0);
      }
    }
    host.recover();
    CHECK((host.files.status(RootedPath{"/etc/hosts"})->ownership.mode & 07000U) == 0);
  }
}

TEST_CASE("a link that a journal wants elsewhere than among systemd's is left out") {
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
    const auto journal = load_journal(host.files, generation);
    REQUIRE(journal);
    for (const auto& link : journal->links.links) CHECK(link.path.text() != wrong);
  }
}

TEST_CASE(
    "what 11b9d82 recorded of directories and names that systemd does not read is no damage") {
  Host host;
  host.files.put_directory("/etc/systemd/system/multi-user.target.wants");
  const auto before = host.tree();
  const auto generation = host.apply().generation;
  const auto path = "/var/lib/timectl/generations/" + generation + "/journal.json";
  const auto whole = host.files.at(path);
  for (const auto* odd : {"multi-user.wants", "foo.requires", "-.mount.wants"}) {
    host.files.put(
        path, test::as_first_schema(replaced(whole, "/etc/systemd/system/multi-user.target.wants",
                                             std::string{"/etc/systemd/system/"} + odd)));
    CAPTURE(odd);
    CHECK(load_journal(host.files, generation));
  }
  const auto with_odd_word =
      replaced(whole, "\"units\": [\n   \"", "\"units\": [\n   \"%p.socket\",\n   \"");
  REQUIRE(with_odd_word != whole);
  host.files.put(path, test::as_first_schema(with_odd_word));
  CHECK(load_journal(host.files, generation)->links.units.count("%p.socket") == 0);
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
