// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "plan/plan.hpp"
#include "support/catch.hpp"

using namespace timectl;
using namespace timectl::plan;

namespace {

FileChange change_of(std::optional<std::string> before, std::optional<std::string> after) {
  FileChange change{system::RootedPath{"/etc/f"},
                    FileAction::modify,
                    Cause::update,
                    {},
                    {},
                    system::FileType::regular,
                    {},
                    {},
                    false,
                    "",
                    target::FileKind::owned,
                    {},
                    {}};
  if (before) change.before = system::FileStatus{};
  change.content_before = before.value_or("");
  change.content_after = after.value_or("");
  if (!before) change.action = FileAction::create;
  if (!after) change.action = FileAction::remove;
  return change;
}

}  // namespace

TEST_CASE("equal contents have an empty diff") {
  CHECK(unified_diff(change_of("a\n", "a\n")).empty());
}

TEST_CASE("a new file is compared with /dev/null and a removed one goes there") {
  CHECK(unified_diff(change_of({}, "a\nb\n")) ==
        "--- /dev/null\n+++ b/etc/f\n@@ -0,0 +1,2 @@\n+a\n+b\n");
  CHECK(unified_diff(change_of("a\n", {})) == "--- a/etc/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n");
}

TEST_CASE("a newline in a path makes no line of a diff") {
  auto change = change_of({}, "a\n");
  change.path = system::RootedPath{"/etc/f\n+forged\x1b[2J"};
  CHECK(unified_diff(change) ==
        "--- /dev/null\n+++ b/etc/f\\n+forged\\x1b[2J\n@@ -0,0 +1 @@\n+a\n");
}

TEST_CASE("a changed line is shown with three lines around it, far changes in hunks of their own") {
  const std::string before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n";
  std::string after = before;
  after.replace(after.find("5\n"), 2, "five\n");
  after += "17\n";
  CHECK(unified_diff(change_of(before, after)) ==
        "--- a/etc/f\n+++ b/etc/f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"
        "@@ -14,3 +14,4 @@\n 14\n 15\n 16\n+17\n");
}

TEST_CASE("the same lines before and after a change are numbered and not compared") {
  std::string many;
  for (int line = 0; line < 100'000; ++line) many += std::to_string(line) + "\n";
  CHECK(unified_diff(change_of(many + "a\n" + many, many + "b\n" + many)) ==
        "--- a/etc/f\n+++ b/etc/f\n@@ -99998,7 +99998,7 @@\n 99997\n 99998\n 99999\n-a\n+b\n"
        " 0\n 1\n 2\n");
  CHECK(unified_diff(change_of(many, many + "b\n")) ==
        "--- a/etc/f\n+++ b/etc/f\n@@ -99998,3 +99998,4 @@\n 99997\n 99998\n 99999\n+b\n");
  CHECK(unified_diff(change_of("a\n" + many, many)) ==
        "--- a/etc/f\n+++ b/etc/f\n@@ -1,4 +1,3 @@\n-a\n 0\n 1\n 2\n");
  CHECK(unified_diff(change_of("1\n2\n2\n3\n", "1\n2\n3\n")) ==
        "--- a/etc/f\n+++ b/etc/f\n@@ -1,4 +1,3 @@\n 1\n 2\n-2\n 3\n");
}

TEST_CASE("a difference of more lines than a user reads is counted and not computed") {
  CHECK(unified_diff(change_of(std::string(8U << 20, '\n'), "a\nb\n")) ==
        "--- a/etc/f\n+++ b/etc/f\n8388608 lines become 2: too many to be compared\n");
  CHECK(unified_diff(change_of(std::string(8U << 20, '\n'), {})) ==
        "--- a/etc/f\n+++ /dev/null\n8388608 lines become 0: too many to be compared\n");
}

TEST_CASE("a missing newline at the end is said as diff(1) says it") {
  CHECK(unified_diff(change_of("a", "a\n")) ==
        "--- a/etc/f\n+++ b/etc/f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
}

TEST_CASE("a symlink is shown by its target") {
  auto change = change_of({}, "/dev/null");
  change.type_after = system::FileType::symlink;
  CHECK(unified_diff(change) ==
        "--- /dev/null\n+++ b/etc/f\n@@ -0,0 +1 @@\n+symlink to /dev/null\n");
}
