// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/read_tree.hpp"
#include "profile_text.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace timectl;
using test::mistakes_in;
using test::site;

namespace {

struct SyntaxMistake {
  std::string what;
  std::string text;
  std::string message;
};

const std::vector<SyntaxMistake> syntax_mistakes{
    {"an empty document", R"()",
     R"(site.json:1:1: /: found the end of the document, expected an object in braces)"},
    {"an object without an end", R"({)",
     R"(site.json:1:2: /: found the end of the document, expected a key in double quotes or '}')"},
    {"a key without a colon", R"({"a" 1})",
     R"(site.json:1:6: /a: found '1', expected ':' behind the key)"},
    {"a key without a value", R"({"a": })", R"(site.json:1:7: /a: found '}', expected a value)"},
    {"a comma before the end", R"({"a": 1,})",
     R"(site.json:1:9: /: found '}', expected a key in double quotes)"},
    {"members without a comma", R"({"a": 1 "b": 2})",
     R"(site.json:1:9: /: found a string, expected ',' or '}')"},
    {"items without a comma", R"({"a": [1 2]})",
     R"(site.json:1:10: /a/1: found '2', expected ',' or ']')"},
    {"single quotes", R"({'a': 1})",
     R"(site.json:1:2: /: found ''a'', expected a key in double quotes or '}')"},
    {"a misspelled word", R"({"a": tru})", R"(site.json:1:7: /a: found 'tru', expected a value)"},
    {"a number with a leading zero", R"({"a": 01})",
     R"(site.json:1:8: /: found '1', expected ',' or '}')"},
    {"a number that is too large", R"({"a": 1e999})",
     R"(site.json:1:7: /a: number out of range: '1e999')"},
    {"a string without an end", R"({
  "a": "abc
})",
     R"(site.json:2:8: /a: found a broken string (control character U+000A (LF) must be escaped to \u000A or \n), expected a value)"},
    {"an unknown escape", R"({"a": "a\qb"})",
     R"(site.json:1:7: /a: found a broken string (forbidden character after backslash), expected a value)"},
    {"half a surrogate pair", R"({"a": "\ud800"})",
     R"(site.json:1:7: /a: found a broken string (surrogate U+D800..U+DBFF must be followed by U+DC00..U+DFFF), expected a value)"},
    {"text behind the end", R"({}
{})",
     R"(site.json:2:1: /: found '{', expected the end of the document)"},
    {"a comment without an end", R"(/* open)",
     R"(site.json:1:8: /: found a broken comment, missing closing '*/')"},
    {"a comment that has the reader's own words in it", "/* invalid string: x\x7f",
     R"(site.json:1:22: /: found a broken comment, missing closing '*/')"},
    {"a string that has them", "{\"a\": \"invalid comment; \x7f",
     R"(site.json:1:7: /a: found a broken string (missing closing quote), expected a value)"},
    {"a list as a document", R"([])", R"(site.json:1:1: /: found a list, expected an object)"},
    {"values nested too deep", R"([[[[[[[[[[[[[[[[[[[[)",
     R"(site.json:1:17: /0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0: found values nested deeper than 16 levels, expected a profile)"},
};

}  // namespace

TEST_CASE("a syntax error is one plain sentence with line and column") {
  for (const auto& [what, text, message] : syntax_mistakes) {
    INFO(what);
    CHECK(mistakes_in(text) == message);
  }
}

TEST_CASE("comments and a byte order mark are accepted, and places are counted across them") {
  profile::Mistakes mistakes;
  const std::string text =
      "\xef\xbb\xbf// one\n{ /* two, : { */ \"a\" : [1.5e3,\t-0 , \"\xc3\xa4\", null ],\r\n  "
      "\"b\":true}";
  const auto tree = profile::read_tree(text, mistakes.add_document("x"), mistakes);
  REQUIRE(tree);
  CHECK(mistakes.empty());
  CHECK(tree->at == profile::Position{0, 2, 1});
  REQUIRE(tree->members.size() == 2);
  CHECK(tree->members[0].at == profile::Position{0, 2, 18});
  const auto& items = tree->find("a")->items;
  REQUIRE(items.size() == 4);
  CHECK(items[0].at == profile::Position{0, 2, 25});
  CHECK(items[1].at == profile::Position{0, 2, 32});
  CHECK(items[2].text == "\xc3\xa4");
  CHECK(items[3].at == profile::Position{0, 2, 42});
  CHECK(tree->find("b")->at == profile::Position{0, 3, 7});
}

TEST_CASE("a NUL byte does not hide what is behind it") {
  const std::string text = site(R"("a": {"role": "server", "address": "192.168.4.2"})");
  CHECK(mistakes_in(text + std::string{"\n\0{", 3}) ==
        "site.json:4:1: /: found a NUL byte on this line, expected text");
}

TEST_CASE("a document that is no profile by its size is not read") {
  const std::string text(profile::most_bytes + 1, ' ');
  CHECK(mistakes_in(text) == "site.json:1:1: /: found 262145 bytes, expected at most 262144");
}
