// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/visible.hpp"

#include "support/catch.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

using namespace timectl;
using namespace std::string_literals;

namespace {

std::string utf8(char32_t point) {
  const auto byte = [](char32_t bits) { return static_cast<char>(bits); };
  const auto rest = [&](unsigned shift) { return byte(0x80U | ((point >> shift) & 0x3fU)); };
  if (point < 0x80) return {byte(point)};
  if (point < 0x800) return {byte(0xc0U | point >> 6U), rest(0)};
  if (point < 0x10000) return {byte(0xe0U | point >> 12U), rest(6), rest(0)};
  return {byte(0xf0U | point >> 18U), rest(12), rest(6), rest(0)};
}

/// Any bytes, of which many are those that matter.
std::string any_bytes(std::mt19937& random) {
  static const std::vector<std::string> telling{
      "\x1b[31m",     "\x9b",     "\xc2\x9b", "\n", "\t",       "\r",           "\x7f",
      "\xe2\x80\xae", "\xe2\x80", "\xc0\x80", "ä",  "\xed\xa0", "\xf0\x9f\x8d", "\\x1b"};
  std::string text;
  for (auto left = random() % 40; left > 0; --left) {
    text += random() % 3 == 0 ? std::string{static_cast<char>(random() % 256)}
                              : telling[random() % telling.size()];
  }
  return text;
}

bool has_raw_control(const std::string& text) {
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte < 0x20 || byte == 0x7f) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("what a terminal acts upon is written out") {
  CHECK(visible("\x1b]0;pwned\a") == "\\x1b]0;pwned\\x07");
  CHECK(visible("a\bb\rc\x7f"s) == "a\\x08b\\rc\\x7f");
  CHECK(visible("\0"s) == "\\x00");
  CHECK(visible("\xc2\x9b"
                "31m") == "\\u009b31m");
  CHECK(visible("\x9b"
                "31m") == "\\x9b31m");
}

TEST_CASE("what turns, hides or joins text unseen is written out") {
  CHECK(visible("a\u202eb\u2066c\u200f\u061c") == "a\\u202eb\\u2066c\\u200f\\u061c");
  CHECK(visible("a\u200bb\u200d\u2060\ufeff") == "a\\u200bb\\u200d\\u2060\\ufeff");
  CHECK(visible("a\u2028b\u2029") == "a\\u2028b\\u2029");
  CHECK(visible("\U000e0041") == "\\U000e0041");
  CHECK(visible("\u00ad\u180e\ufff9") == "\\u00ad\\u180e\\ufff9");
}

TEST_CASE("bytes that are no UTF-8 are written out one by one") {
  CHECK(visible("\xff") == "\\xff");
  CHECK(visible("\xc0\x80") == "\\xc0\\x80");                    // longer than need be
  CHECK(visible("\xe0\x80\xaf") == "\\xe0\\x80\\xaf");           // longer than need be
  CHECK(visible("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // a surrogate
  CHECK(visible("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // above U+10FFFF
  CHECK(visible("\xe2\x82") == "\\xe2\\x82");                    // ends too soon
  CHECK(visible("\xe2\x82x") == "\\xe2\\x82x");
}

TEST_CASE("a newline stays in text of several lines and nowhere else") {
  CHECK(visible("a\n\tb\r\n") == "a\\n\\tb\\r\\n");
  CHECK(visible("a\n\tb\r\n", Layout::lines) == "a\n\tb\\r\n");
}

TEST_CASE("what is printable comes out as it went in") {
  for (const auto* text :
       {"", " /etc/hosts ", "Zürich, 時刻, час, µs, °C, ▁▂█ → 🕰", "C:\\x1b\\n",
        "cafe\u0301", "\u00a0"}) {
    CHECK(visible(text) == text);
    CHECK(visible(text, Layout::lines) == text);
    CHECK(visible_json(text) == text);
  }
}

TEST_CASE("each code point comes out as itself or in ASCII, and a second time unchanged") {
  for (char32_t point = 0; point <= 0x10ffff; ++point) {
    if (point >= 0xd800 && point <= 0xdfff) continue;
    const auto text = utf8(point);
    const auto shown = visible(text);
    const bool is_written_out = shown.size() >= 2 && shown.front() == '\\';
    if (shown != text && !is_written_out) FAIL(static_cast<std::uint32_t>(point));
    if (has_raw_control(shown) || visible(shown) != shown) FAIL(static_cast<std::uint32_t>(point));
  }
  CHECK(visible(utf8(0xffff)) == "\\uffff");
  CHECK(visible(utf8(0x1fffe)) == "\\U0001fffe");
}

TEST_CASE("whatever the bytes, the result is printable UTF-8") {
  std::mt19937 random{15};  // NOLINT(cert-msc51-cpp): the same in each run
  for (int i = 0; i < 20000; ++i) {
    const auto text = any_bytes(random);
    const auto shown = visible(text);
    CAPTURE(shown);
    REQUIRE_FALSE(has_raw_control(shown));
    // What is not printable UTF-8 would be written out by a second pass.
    REQUIRE(visible(shown) == shown);
    std::string lines = visible(text, Layout::lines);
    std::erase(lines, '\n');
    std::erase(lines, '\t');
    REQUIRE_FALSE(has_raw_control(lines));
  }
}

TEST_CASE("a JSON document has the same value without a character that hides") {
  CHECK(visible_json("{\n  \"a\": \"\x7f\u0085\u202e\U000e0041é\"\n}") ==
        "{\n  \"a\": \"\\u007f\\u0085\\u202e\\udb40\\udc41é\"\n}");
}
