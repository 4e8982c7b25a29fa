// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "plan/secret.hpp"

#include "plan/block.hpp"
#include "plan/restore_plan.hpp"
#include "plan_fixture.hpp"
#include "support/catch.hpp"
#include "support/error_of.hpp"

using namespace timectl;
using namespace timectl::plan;
using system::RootedPath;
using target::FileKind;
using target::Sensitivity;
using test::mentions;
using test::PlanFixture;

namespace {

constexpr auto psk = "psk=correct horse";

const FileChange& file_of(const Plan& plan) {
  REQUIRE(plan.changes.size() == 1);
  return std::get<FileChange>(plan.changes.front());
}

void check_hidden(const FileChange& change) {
  CHECK(change.sensitivity == Sensitivity::secret);
  const auto diff = unified_diff(change);
  CHECK(mentions(diff, "content not shown (secret)\n"));
  CHECK(mentions(diff, "+++ "));
  CHECK_FALSE(mentions(diff, "correct"));
}

}  // namespace

TEST_CASE("a file that other users cannot read is secret, whatever the target says of it") {
  const auto kind = GENERATE(FileKind::owned, FileKind::block, FileKind::absent, FileKind::edited);
  const auto mode = GENERATE(0600U, 0640U, 0660U);
  PlanFixture host;
  host.want("/etc/wifi", "id=x\n").kind = kind;
  host.files.put("/etc/wifi", std::string{psk} + "\n", mode);
  CAPTURE(static_cast<int>(kind), mode);
  const auto plan = host.plan();
  check_hidden(file_of(plan));
  host.files.put("/etc/wifi", std::string{psk} + "\n", 0644);
  const auto open = host.plan();
  CHECK(file_of(open).sensitivity == Sensitivity::open);
  CHECK(mentions(unified_diff(file_of(open)), kind == FileKind::block ? "+id=x" : psk));
}

TEST_CASE("a secret of the target is not shown, from the file that is made to the one that goes") {
  PlanFixture host;
  host.want("/etc/key", std::string{psk} + "\n").sensitivity = Sensitivity::secret;
  const auto made = host.plan();
  check_hidden(file_of(made));
  CHECK(made.managed.front().sensitivity == Sensitivity::secret);
  host.managed.records = made.managed;
  host.files.put("/etc/key", std::string{psk} + "\n");
  host.target.files[0].content = "another\n";
  check_hidden(file_of(host.plan()));
  host.target.files.clear();
  check_hidden(file_of(host.plan()));
}

TEST_CASE("timectl shows its own file that it closed, until it was edited") {
  PlanFixture host;
  auto& file = host.want("/etc/netplan/90-timectl.yaml", "address: a\n");
  file.mode = 0600;
  CHECK(mentions(unified_diff(file_of(host.plan())), "+address: a"));
  host.managed.records = host.plan().managed;
  host.files.put("/etc/netplan/90-timectl.yaml", "address: a\n", 0600);
  file.content = "address: b\n";
  CHECK(mentions(unified_diff(file_of(host.plan())), "+address: b"));
  host.files.put("/etc/netplan/90-timectl.yaml", std::string{"address: a\n"} + psk, 0600);
  check_hidden(file_of(host.plan()));
}

TEST_CASE("a change of the mode alone shows no content either") {
  PlanFixture host;
  host.want("/etc/key", psk);
  host.files.put("/etc/key", psk, 0600);
  const auto plan = host.plan();
  CHECK(file_of(plan).ownership_after.mode == 0644);
  CHECK(unified_diff(file_of(plan)).empty());
}

TEST_CASE("content that comes from a closed file makes the target's file secret") {
  PlanFixture host;
  host.want("/etc/netplan/50-wifi.yaml", psk).kind = FileKind::edited;
  host.want("/etc/netplan/90-timectl.yaml", "address: a\n").mode = 0600;
  host.files.put("/etc/netplan/50-wifi.yaml", psk, 0600);
  host.files.put("/etc/netplan/90-timectl.yaml", "x", 0600);
  mark_secrets(host.target, host.files);
  CHECK(host.target.files[0].sensitivity == Sensitivity::secret);
  CHECK(host.target.files[1].sensitivity == Sensitivity::open);
}

TEST_CASE("content that was read through a link is as secret as what the link leads to may be") {
  PlanFixture host;
  host.want("/etc/netplan/50-wifi.yaml", psk).kind = FileKind::edited;
  host.files.put_link("/etc/netplan/50-wifi.yaml", "/root/wifi.yaml");
  mark_secrets(host.target, host.files);
  CHECK(host.target.files[0].sensitivity == Sensitivity::secret);
}

TEST_CASE("a file that this user may not read is left out and named") {
  PlanFixture host;
  host.want("/etc/a", "new\n");
  host.want("/etc/key", "new\n");
  host.files.put("/etc/a", "old\n");
  host.files.put("/etc/key", "old\n", 0600);
  host.files.forbid_reading("/etc/key");
  const auto plan = host.plan();
  CHECK(file_of(plan).path.text() == "/etc/a");
  CHECK(plan.unread == std::vector{RootedPath{"/etc/key"}});
  REQUIRE(plan.notes.size() == 1);
  CHECK(plan.notes.front().starts_with("/etc/key is not compared: "));
}

TEST_CASE("what timectl wrote and is not known any more is no reason to speak of an edit") {
  PlanFixture host;
  host.want("/etc/key", "new\n").mode = 0600;
  host.managed.records = {{RootedPath{"/etc/key"}, FileKind::owned, {}, 0600, false, {}}};
  host.files.put("/etc/key", psk, 0600);
  CHECK(file_of(host.plan()).cause == Cause::update);
  host.target.files.clear();
  const auto plan = host.plan();
  CHECK(file_of(plan).cause == Cause::update);
  check_hidden(file_of(plan));
}

TEST_CASE("what comes back of a secret is not shown on its way either") {
  PlanFixture host;
  RollbackState state;
  FormerFile file{RootedPath{"/etc/wifi"}, FileKind::absent, false, {}, {}, {}};
  file.old = FileState{system::FileType::regular, {0600, 0, 0}, {}, psk};
  file.sensitivity = Sensitivity::secret;
  state.files = {file};
  const auto back = plan_restore(state, {host.files, host.services, host.packages}, Edits::keep);
  check_hidden(file_of(back.plan));
}

TEST_CASE("what was written into a closed file is not shown when it goes") {
  PlanFixture host;
  RollbackState state;
  FormerFile file{RootedPath{"/etc/own"}, FileKind::owned, false, {}, {}, {}};
  file.left = FileState{system::FileType::regular, {0600, 0, 0}, {}, "address: a\n"};
  state.files = {file};
  const auto go = [&] {
    return plan_restore(state, {host.files, host.services, host.packages}, Edits::replace).plan;
  };
  host.files.put("/etc/own", "address: a\n", 0600);
  CHECK(mentions(unified_diff(file_of(go())), "-address: a"));
  host.files.put("/etc/own", psk, 0600);
  check_hidden(file_of(go()));
}
