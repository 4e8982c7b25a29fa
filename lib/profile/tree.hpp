// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Internal to profile: the document as it was written, every key and value with its place.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace timectl::profile {

/// Where a token starts. Columns count characters, not bytes.
struct Position {
  int document = 0;  ///< as Mistakes::add_document numbered it
  int line = 1;
  int column = 1;

  auto operator<=>(const Position&) const = default;
};

struct Member;

/// A JSON value and where it stands.
struct Value {
  enum class Kind { null, boolean, integer, real, string, array, object };

  Kind kind = Kind::null;
  Position at;
  bool truth = false;
  long long number = 0;  ///< of an integer; at the end of the range when it is beyond
  std::string text;      ///< of a string; of a number as it was written
  std::vector<Value> items;
  std::vector<Member> members;  ///< in the order of the document, keys are unique

  const Value* find(std::string_view key) const;
};

struct Member {
  std::string key;
  Position at;
  Value value;
};

/// What the document's author wrote, safe to print: cut when it is long, and control characters
/// (C1 ones, U+0080 to U+009F, included) written as escapes.
std::string printable(std::string_view text);
/// printable in double quotes.
std::string in_quotes(std::string_view text);
/// How a message names what was found: `"text"`, `12`, `an object`. Safe to print.
std::string describe(const Value& value);

/// A pointer one step down (RFC 6901).
std::string pointer_to(const std::string& parent, std::string_view key);

}  // namespace timectl::profile
