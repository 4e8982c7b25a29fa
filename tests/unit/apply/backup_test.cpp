// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/backup.hpp"

#include "apply/past.hpp"
#include "apply_fixture.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"

#include <algorithm>

using namespace timectl;
using namespace timectl::apply;
using system::RootedPath;
using test::die_before_commit;
using test::Host;
using test::mentions;

namespace {

/// The copy of the file of that name.
std::string copy_of(const Host& host, const std::string& name) {
  const auto& tree = host.files.snapshot();
  const auto found = std::find_if(tree.begin(), tree.end(), [&](const auto& entry) {
    return entry.first.find("/generations/") != std::string::npos &&
           entry.first.find("/old-") != std::string::npos && entry.first.ends_with(name);
  });
  REQUIRE(found != tree.end());
  return found->first;
}

void flip_a_bit(Host& host, const std::string& path) {
  auto content = host.files.at(path);
  content.at(content.size() / 2) = static_cast<char>(content.at(content.size() / 2) ^ 4);
  host.files.put(path, content, 0600);
}

/// Everything but the one file that rotted.
test::FakeFiles::Tree without(test::FakeFiles::Tree tree, const std::string& path) {
  tree.erase(path);
  return tree;
}

}  // namespace

TEST_CASE("a bit that flips in a copy is never put back: all else is, and the copy is named") {
  for (const std::string name : {"hosts", "50-timectl.conf", "localtime", "config.txt"}) {
    Host host;
    const auto before = host.tree();
    die_before_commit(host);
    const auto changed = host.tree();
    const auto copy = copy_of(host, name);
    flip_a_bit(host, copy);
    const auto outcome = host.recover();
    CAPTURE(name, outcome.problems);
    CHECK(outcome.kind == OutcomeKind::incomplete);
    REQUIRE_FALSE(outcome.problems.empty());
    CHECK(mentions(outcome.problems.front(), copy));
    const auto path = std::find_if(before.begin(), before.end(), [&](const auto& entry) {
                        return entry.first.ends_with("/" + name);
                      })->first;
    // A shared file is rid of timectl's lines all the same.
    const bool is_shared = name == "hosts" || name == "config.txt";
    const auto& stays = is_shared ? before : changed;
    CHECK(host.tree().at(path).content == stays.at(path).content);
    CHECK(without(host.tree(), path) == without(before, path));
  }
}

TEST_CASE("a copy that rotted or is gone holds up no later change") {
  for (const bool is_gone : {false, true}) {
    Host host;
    die_before_commit(host);
    const auto copy = copy_of(host, "hosts");
    is_gone ? host.files.remove(RootedPath{copy}) : flip_a_bit(host, copy);
    const auto outcome = host.recover();
    CHECK(outcome.kind == OutcomeKind::incomplete);
    CHECK(mentions(outcome.problems.front(), "/etc/hosts"));
    CHECK_FALSE(find_interrupted(host.files));
    CHECK(host.apply().kind == OutcomeKind::committed);
  }
}

TEST_CASE("a copy that rotted does not matter where the host has the old content already") {
  Host host;
  const auto before = host.tree();
  const auto hosts = before.at("/etc/hosts");
  die_before_commit(host);
  flip_a_bit(host, copy_of(host, "hosts"));
  host.files.stage(RootedPath{"/etc/hosts"}, hosts.content, hosts.ownership, hosts.modified);
  host.files.swap_in(RootedPath{"/etc/hosts"});
  CHECK(host.recover().kind == OutcomeKind::restored);
  CHECK(host.tree() == before);
}

TEST_CASE("an uninstall leaves the file whose copy rotted, names it, and restores all others") {
  Host host;
  const auto before = host.tree();
  host.apply();
  const auto copy = copy_of(host, "old.conf");
  flip_a_bit(host, copy);
  const auto back = way_out(host);
  REQUIRE(back.lost.size() == 1);
  CHECK(mentions(back.lost.front(), copy));
  CHECK(mentions(back.lost.front(), "/etc/systemd/timesyncd.conf.d/old.conf"));
  CHECK(carry_out(host, back.plan).kind == OutcomeKind::committed);
  const std::string lost = "/etc/systemd/timesyncd.conf.d/old.conf";
  CHECK(without(host.tree(), lost) == without(before, lost));
}

TEST_CASE("a host that was uninstalled but for a file still knows what that was") {
  Host host;
  host.apply();
  const auto copy = copy_of(host, "old.conf");
  const auto whole = host.files.at(copy);
  flip_a_bit(host, copy);
  REQUIRE(carry_out(host, way_out(host).plan).kind == OutcomeKind::committed);
  CHECK(way_out(host).lost.size() == 1);
  host.files.put(copy, whole, 0600);
  REQUIRE(carry_out(host, way_out(host).plan).kind == OutcomeKind::committed);
  CHECK(host.files.at("/etc/systemd/timesyncd.conf.d/old.conf") == "NTP=x\n");
}
