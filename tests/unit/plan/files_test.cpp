// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "plan/block.hpp"
#include "plan_fixture.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"

using namespace timectl;
using namespace timectl::plan;
using test::error_of;
using test::in_words;
using test::mentions;
using test::PlanFixture;
using Words = std::vector<std::string>;

namespace {

const FileChange& only_file(const Plan& plan) {
  REQUIRE(plan.changes.size() == 1);
  return std::get<FileChange>(plan.changes.front());
}

ManagedFile written(const std::string& path, const std::string& content,
                    target::FileKind kind = target::FileKind::owned) {
  return {system::RootedPath{path}, kind, content, 0644, false, {}};
}

}  // namespace

TEST_CASE("a missing file is created and one that is right is left alone") {
  PlanFixture host;
  host.want("/etc/a", "text\n");
  host.want("/etc/b", "same\n");
  host.files.put("/etc/b", "same\n");
  const auto plan = host.plan();
  CHECK(in_words(plan) == Words{"create /etc/a"});
  CHECK(only_file(plan).cause == Cause::missing);
  CHECK_FALSE(only_file(plan).before);
  CHECK(plan.managed.size() == 2);
}

TEST_CASE("an edit by hand is distinguished from a new profile and from another program's file") {
  PlanFixture host;
  host.want("/etc/a", "new\n");
  host.files.put("/etc/a", "old\n");
  CHECK(only_file(host.plan()).cause == Cause::foreign);
  host.managed.records = {written("/etc/a", "old\n")};
  CHECK(only_file(host.plan()).cause == Cause::update);
  host.files.put("/etc/a", "edited\n");
  CHECK(only_file(host.plan()).cause == Cause::drift);
  host.managed.records = {written("/etc/a", "new\n")};
  host.files.put("/etc/a", "new\n", 0600);
  CHECK(only_file(host.plan()).cause == Cause::drift);
  CHECK(only_file(host.plan()).ownership_after.mode == 0644);
}

TEST_CASE("a group is looked up in the group file of the root") {
  PlanFixture host;
  host.want("/etc/keys", "k\n").group = "_chrony";
  CHECK(mentions(error_of([&] { host.plan(); }), "_chrony"));
  host.files.put("/etc/group", "root:x:0:\nbroken\n_chrony:x:117:\n");
  CHECK(only_file(host.plan()).ownership_after.gid == 117);
}

TEST_CASE("a group that comes with a package is no error while the package is missing") {
  PlanFixture host;
  host.want("/etc/keys", "k\n").group = "_chrony";
  host.target.packages = {"chrony"};
  CHECK(in_words(host.plan()) == Words{"install chrony", "create /etc/keys"});
}

TEST_CASE("a block is appended to a file that is not timectl's, which keeps owner and mode") {
  PlanFixture host;
  host.want("/etc/hosts", "192.168.4.2 pi-ntp\n").kind = target::FileKind::block;
  host.files.put("/etc/hosts", "127.0.0.1 localhost\n", 0600);
  const auto plan = host.plan();
  const auto& change = only_file(plan);
  CHECK(change.cause == Cause::foreign);
  CHECK(change.ownership_after.mode == 0600);
  CHECK(without_block(change.content_after) == "127.0.0.1 localhost\n");
  host.files.put("/etc/hosts", change.content_after, 0600);
  CHECK(host.plan().empty());
}

TEST_CASE("a block's cause is decided by the block, not by the lines around it") {
  PlanFixture host;
  host.want("/etc/hosts", "new\n").kind = target::FileKind::block;
  host.managed.records = {written("/etc/hosts", "old\n", target::FileKind::block)};
  host.files.put("/etc/hosts", with_block("somebody's new line\n", "old\n"));
  CHECK(only_file(host.plan()).cause == Cause::update);
  host.files.put("/etc/hosts", with_block("", "edited\n"));
  CHECK(only_file(host.plan()).cause == Cause::drift);
  host.files.put("/etc/hosts", "block gone\n");
  CHECK(only_file(host.plan()).cause == Cause::drift);
}

TEST_CASE("links are made, corrected and replace a regular file; absent files are removed") {
  PlanFixture host;
  host.want("/etc/a", "/dev/null").kind = target::FileKind::link;
  host.want("/etc/b", "/dev/null").kind = target::FileKind::link;
  host.want("/etc/c", "/dev/null").kind = target::FileKind::link;
  host.want("/etc/gone", "").kind = target::FileKind::absent;
  host.want("/etc/never", "").kind = target::FileKind::absent;
  host.files.put_link("/etc/a", "/dev/null");
  host.files.put_link("/etc/b", "/elsewhere");
  host.files.put("/etc/c", "x\n");
  host.files.put("/etc/gone", "x\n");
  CHECK(in_words(host.plan()) == Words{"modify /etc/b", "modify /etc/c", "remove /etc/gone"});
}

TEST_CASE("what may not be replaced is refused by name and reason") {
  PlanFixture host;
  host.want("/etc/a", "x\n");
  SECTION("a directory") { host.files.put_directory("/etc/a"); }
  SECTION("a FIFO") { host.files.put_other("/etc/a"); }
  SECTION("a symlink that is not ours") { host.files.put_link("/etc/a", "/root/secret"); }
  SECTION("a file in a parent's place") {
    host.target.files.clear();
    host.want("/etc/a/b/c", "x\n");
    host.files.put("/etc/a", "");
  }
  const auto error = error_of([&] { host.plan(); });
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::refused);
  CHECK(mentions(error, "cannot change '/etc/a"));
}

TEST_CASE(
    "a directory that is a link to nowhere is refused before applying could stumble over it") {
  PlanFixture host;
  host.want("/etc/d/a", "x\n");
  SECTION("to nothing") { host.files.put_link("/etc/d", "/gone"); }
  SECTION("to a file") {
    host.files.put("/etc/file", "x\n");
    host.files.put_link("/etc/d", "/etc/file");
  }
  SECTION("to a file that is too large to be read") {
    host.files.put("/etc/file", std::string(9U << 20, 'x'));
    host.files.put_link("/etc/d", "/etc/file");
  }
  const auto error = error_of([&] { host.plan(); });
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::refused);
  CHECK(mentions(error, "'/etc/d' is not a directory"));
}

TEST_CASE("a directory that is a link to another one is written through") {
  PlanFixture host;
  host.want("/etc/d/a", "x\n");
  host.files.put_directory("/srv/d");
  host.files.put_link("/etc/d", "/srv/d");
  CHECK(in_words(host.plan()) == Words{"create /etc/d/a"});
}

TEST_CASE("a symlink in place of a file that timectl wrote is drift, in place of a block refused") {
  PlanFixture host;
  host.want("/etc/a", "x\n");
  host.managed.records = {written("/etc/a", "x\n")};
  host.files.put_link("/etc/a", "/elsewhere");
  CHECK(only_file(host.plan()).cause == Cause::drift);
  host.target.files.front().kind = target::FileKind::block;
  CHECK_THROWS_AS(host.plan(), Error);
}

TEST_CASE("what an earlier generation wrote and the target has no more goes") {
  PlanFixture host;
  host.managed.records = {written("/etc/own", "x\n"),
                          written("/etc/gone", "x\n"),
                          written("/etc/hosts", "b\n", target::FileKind::block),
                          written("/etc/only-block", "b\n", target::FileKind::block),
                          written("/etc/no-block", "b\n", target::FileKind::block),
                          written("/etc/link", "/t", target::FileKind::link)};
  host.files.put("/etc/own", "x\n");
  host.files.put("/etc/hosts", with_block("localhost\n", "b\n"));
  host.files.put("/etc/only-block", with_block("", "b\n"));
  host.files.put("/etc/no-block", "somebody's\n");
  host.files.put_link("/etc/link", "/t");
  const auto plan = host.plan();
  CHECK(in_words(plan) == Words{"remove /etc/own", "modify /etc/hosts", "remove /etc/only-block",
                                "remove /etc/link"});
  CHECK(std::get<FileChange>(plan.changes[1]).content_after == "localhost\n");
  CHECK(plan.managed.empty());
}

TEST_CASE("a link that the user replaced by a file is left alone and said") {
  PlanFixture host;
  host.managed.records = {written("/etc/link", "/t", target::FileKind::link)};
  host.files.put("/etc/link", "mine\n");
  const auto plan = host.plan();
  CHECK(plan.empty());
  REQUIRE(plan.notes.size() == 1);
  CHECK(mentions(plan.notes.front(), "/etc/link is left alone"));
}

TEST_CASE("a block that lost its end does not take other lines with it") {
  PlanFixture host;
  const auto whole = with_block("localhost\n", "b\n");
  const auto torn = whole.substr(0, whole.find("# END timectl"));
  host.want("/etc/hosts", "b\n").kind = target::FileKind::block;
  host.files.put("/etc/hosts", torn + "10.0.0.1 printer\n");
  auto error = error_of([&] { host.plan(); });
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::refused);
  CHECK(error->what() ==
        std::string{"cannot change '/etc/hosts': it has a BEGIN timectl line without its END"});
  host.files.put("/etc/hosts", torn);
  CHECK(in_words(host.plan()) == Words{"modify /etc/hosts"});

  host.target = {};
  host.managed.records = {written("/etc/hosts", "b\n", target::FileKind::block)};
  CHECK(only_file(host.plan()).content_after == "localhost\n");
  host.files.put("/etc/hosts", torn + "10.0.0.1 printer\n");
  error = error_of([&] { host.plan(); });
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::refused);
}

TEST_CASE("an edited file loses its lines, keeps its owner and is not watched afterwards") {
  PlanFixture host;
  host.files.put("/etc/modules", "i2c-dev\nrtc-ds1307\nrtc-ds1307\n", 0640);
  auto& file = host.want("/etc/modules", "");
  file.kind = target::FileKind::edited;
  file.superseded = {"rtc-ds1307"};
  const auto plan = host.plan();
  REQUIRE(in_words(plan) == Words{"modify /etc/modules"});
  const auto& change = std::get<FileChange>(plan.changes[0]);
  CHECK(change.content_after == "i2c-dev\n");
  CHECK(change.ownership_after.mode == 0640);
  CHECK(change.cause == Cause::foreign);
  CHECK(plan.managed.empty());
  host.files.put("/etc/modules", "i2c-dev\n", 0640);
  CHECK(host.plan().empty());
}

TEST_CASE("an edited file that is not there is not made") {
  PlanFixture host;
  host.want("/etc/chrony/chrony.conf", "stock\n").kind = target::FileKind::edited;
  CHECK(host.plan().empty());
  host.files.put("/etc/chrony/chrony.conf", "mine\n");
  CHECK(in_words(host.plan()) == Words{"modify /etc/chrony/chrony.conf"});
}

TEST_CASE("a block takes the place of other lines in the same file") {
  PlanFixture host;
  host.files.put("/etc/hosts", "127.0.0.1 localhost\n192.168.4.2 pi-ntp\n");
  auto& file = host.want("/etc/hosts", "192.168.4.2 pi-ntp\n");
  file.kind = target::FileKind::block;
  file.superseded = {"192.168.4.2 pi-ntp"};
  const auto plan = host.plan();
  REQUIRE(plan.changes.size() == 1);
  const auto& after = std::get<FileChange>(plan.changes[0]).content_after;
  CHECK(after.starts_with("127.0.0.1 localhost\n# BEGIN timectl"));
  host.files.put("/etc/hosts", after);
  CHECK(host.plan().empty());
}
