// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "plan/block.hpp"

#include "support/catch.hpp"

using namespace timectl::plan;

TEST_CASE("a block goes to the end and taking it out gives the same bytes back") {
  for (const std::string text :
       {"", "a\n", "a", "a\n\n", "a\r\n", "\n", "# BEGIN something else\n"}) {
    const auto with = with_block(text, "x\ny\n");
    CAPTURE(text, with);
    CHECK(with.starts_with(text));
    CHECK(find_block(with) == "x\ny\n");
    CHECK(without_block(with) == text);
    CHECK(with_block(with, "x\ny\n") == with);
    CHECK(without_block(with_block(with, "z\n")) == text);
  }
}

TEST_CASE("a block is replaced where it stands and everything around it stays") {
  const auto with = with_block("a\n", "x\n") + "b\n";
  const auto changed = with_block(with, "y\nz");
  CHECK(find_block(changed) == "y\nz\n");
  CHECK(changed.starts_with("a\n"));
  CHECK(changed.ends_with("# END timectl\nb\n"));
  CHECK(without_block(changed) == "a\nb\n");
}

TEST_CASE("lines appended behind a block keep the newline that was added before it") {
  const auto with = with_block("a", "x\n") + "b\n";
  CHECK(without_block(with) == "a\nb\n");
}

TEST_CASE("a text without markers has no block") {
  CHECK_FALSE(find_block("a\nb # BEGIN timectl\n"));
  CHECK(without_block("a\n") == "a\n");
  CHECK(find_block(with_block("a\n", "")) == "");
}

TEST_CASE("a block torn at any byte by a power cut is repaired to the same text") {
  const std::string old = "dtparam=audio=on\n";
  const auto whole = with_block(old, "dtoverlay=i2c-rtc,ds3231\n");
  // Fewer bytes than make a marker are left as they are: they need not be timectl's.
  const auto first_telling = old.size() + std::string{"# BEGIN t"}.size();
  for (auto size = first_telling; size < whole.size(); ++size) {
    const auto torn = whole.substr(0, size);
    CAPTURE(torn);
    CHECK(with_block(torn, "dtoverlay=i2c-rtc,ds3231\n") == whole);
    CHECK(without_block(torn) == old);
  }
}

TEST_CASE("only what a power cut left of known lines is a torn block") {
  const std::string old = "localhost\n";
  const auto whole = with_block(old, "x\ny\n");
  CHECK_FALSE(has_open_block(whole));
  CHECK_FALSE(has_open_block(old));
  CHECK_FALSE(is_torn_block(whole, "x\ny\n"));
  const auto end = whole.find("# END timectl");
  for (auto size = old.size() + std::string{"# BEGIN t"}.size(); size <= end; ++size) {
    CAPTURE(size);
    CHECK(is_torn_block(whole.substr(0, size), "x\ny\n"));
  }
  const auto open = whole.substr(0, end) + "somebody's\n";
  CHECK(has_open_block(open));
  CHECK_FALSE(is_torn_block(open, "x\ny\n"));
  CHECK_FALSE(is_torn_block(whole.substr(0, end), "other\n"));
  CHECK(is_torn_block(with_block("a", "x").substr(0, 90), "x"));
}

TEST_CASE("lines of others go wherever they stand, and those in the block stay") {
  const std::string block = with_block("", "192.168.4.2 pi-ntp\n");
  const auto text = "127.0.0.1 localhost\n  192.168.4.2 pi-ntp\n" + block + "192.168.4.2 pi-ntp";
  CHECK(without_lines(text, {"192.168.4.2 pi-ntp"}) == "127.0.0.1 localhost\n" + block);
  CHECK(without_lines(text, {"localhost"}) == text);
  CHECK(without_lines("a\n\nb\n", {"b"}) == "a\n\n");
}
