// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/trust.hpp"

#include "support/catch.hpp"
#include "support/error_of.hpp"
#include "support/fake_files.hpp"

using namespace timectl;
using system::RootedPath;
using test::error_of;
using test::FakeFiles;
using test::mentions;

namespace {

const RootedPath state{"/var/lib/timectl"};
const RootedPath journal{"/var/lib/timectl/generations/x/journal.json"};

FakeFiles trusted() { return {{"/var/lib/timectl/current.json", "{}"}, {journal.text(), "{}"}}; }

}  // namespace

TEST_CASE("what only root can write on the way is root's own") {
  const auto files = trusted();
  system::require_roots_own(files, journal);
  system::require_roots_own_tree(files, state);
  system::require_roots_own(files, RootedPath{"/var/lib/timectl/not/there"});
}

TEST_CASE("each directory on the way and the file itself is refused when it is another user's") {
  for (auto path = journal;; path = path.parent()) {
    for (const system::Ownership ownership :
         {system::Ownership{0755, 1000, 0}, system::Ownership{0757, 0, 0},
          system::Ownership{0775, 0, 50}, system::Ownership{0775, 0, 0},
          system::Ownership{01777, 0, 0}}) {
      auto files = trusted();
      files.set_ownership(path, ownership);
      const auto error = error_of([&] { system::require_roots_own(files, journal); });
      CAPTURE(path.text(), ownership.mode, ownership.uid);
      REQUIRE(error);
      CHECK(error->kind() == ErrorKind::refused);
      CHECK(mentions(error, journal.text()));
      CHECK(error->hint().find("'" + path.text() + "'") != std::string::npos);
    }
    if (path.text() == "/") break;
  }
}

TEST_CASE("a link on the way is root's, and so is everything that it leads through") {
  FakeFiles files{{"/srv/home/timectl/current.json", "{}"}};
  files.put_link("/var/lib/timectl", "../../srv/home/timectl");
  const RootedPath record{"/var/lib/timectl/current.json"};
  system::require_roots_own(files, record);
  files.set_ownership(RootedPath{"/srv/home"}, {0755, 1000, 1000});
  CHECK(mentions(error_of([&] { system::require_roots_own(files, record); }), "/srv/home"));
  files.set_ownership(RootedPath{"/srv/home"}, {0755, 0, 0});
  files.set_ownership(RootedPath{"/var/lib/timectl"}, {0777, 1000, 1000});
  CHECK(mentions(error_of([&] { system::require_roots_own(files, record); }), "user 1000"));
}

TEST_CASE("a ring of links ends") {
  FakeFiles files;
  files.put_link("/a", "/b");
  files.put_link("/b", "/a");
  system::require_roots_own(files, RootedPath{"/a/x"});
}

TEST_CASE("below the state directory everything is looked at, however deep") {
  for (const auto* path : {"/var/lib/timectl/rtc.json", "/var/lib/timectl/generations/x/old-001-a",
                           "/var/lib/timectl/generations/x/packages/a.deb"}) {
    auto files = trusted();
    files.put(path, "");
    system::require_roots_own_tree(files, state);
    files.set_ownership(RootedPath{path}, {0644, 1000, 0});
    CHECK(mentions(error_of([&] { system::require_roots_own_tree(files, state); }), path));
    files.put_link(path, "/etc/passwd");
    CHECK(mentions(error_of([&] { system::require_roots_own_tree(files, state); }), path));
    files.put_other(path);
    CHECK(mentions(error_of([&] { system::require_roots_own_tree(files, state); }), path));
  }
}

TEST_CASE("a caller that is not root goes on with a tree of its own") {
  auto files = trusted();
  files.set_ownership(state, {0755, 1000, 1000});
  files.become(1000);
  system::require_roots_own(files, journal);
  system::require_roots_own_tree(files, state);
}

TEST_CASE("a sticky directory keeps root's links, and anyone can put a document there") {
  using system::is_roots_alone;
  using system::Reliance;
  for (const auto reliance : {Reliance::content, Reliance::own_entries}) {
    CHECK(is_roots_alone({0755, 0, 0}, reliance));
    CHECK(is_roots_alone({02755, 0, 50}, reliance));
    CHECK_FALSE(is_roots_alone({0755, 1000, 0}, reliance));
    CHECK_FALSE(is_roots_alone({0775, 0, 0}, reliance));
    CHECK_FALSE(is_roots_alone({02775, 0, 50}, reliance));
    CHECK_FALSE(is_roots_alone({0757, 0, 0}, reliance));
  }
  CHECK(is_roots_alone({01777, 0, 0}, Reliance::own_entries));
  CHECK_FALSE(is_roots_alone({01777, 0, 0}, Reliance::content));
  CHECK_FALSE(is_roots_alone({01777, 1000, 0}, Reliance::own_entries));
}

TEST_CASE("a link on the way to a change is refused when another user could have made it") {
  const RootedPath wanted{"/etc/chrony/conf.d/50-timectl.conf"};
  const auto refusal = [&](const system::Ownership& link, const system::Ownership& directory) {
    FakeFiles files;
    files.put_directory("/srv/conf.d");
    files.put_directory("/etc/chrony");
    files.put_link("/etc/chrony/conf.d", "/srv/conf.d");
    files.set_ownership(RootedPath{"/etc/chrony/conf.d"}, link);
    files.set_ownership(RootedPath{"/etc/chrony"}, directory);
    return error_of([&] { system::require_roots_links(files, wanted); });
  };
  CHECK_FALSE(refusal({0777, 0, 0}, {0755, 0, 0}));
  CHECK_FALSE(refusal({0777, 0, 0}, {01777, 0, 0}));
  auto error = refusal({0777, 1000, 0}, {0755, 0, 0});
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::refused);
  CHECK(mentions(error, "cannot change '/etc/chrony/conf.d/50-timectl.conf'"));
  CHECK(mentions(error, "the link '/etc/chrony/conf.d' belongs to uid 1000"));
  CHECK(error->hint().find("chown -h root: '/etc/chrony/conf.d'") != std::string::npos);
  error = refusal({0777, 0, 0}, {0775, 0, 50});
  REQUIRE(error);
  CHECK(mentions(error, "is not in a directory of root alone (uid 0, mode 0775)"));
  CHECK(error->hint().find("rm '/etc/chrony/conf.d'") != std::string::npos);
}

TEST_CASE("links are no matter for a user who is not root, nor where there are none") {
  FakeFiles files;
  files.put_link("/etc/chrony/conf.d", "/srv");
  files.set_ownership(RootedPath{"/etc/chrony/conf.d"}, {0777, 1000, 0});
  system::require_roots_links(files, RootedPath{"/etc/chrony/other/not/there"});
  files.become(1000);
  system::require_roots_links(files, RootedPath{"/etc/chrony/conf.d/x"});
}
