// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/checksum.hpp"

#include <string>

/// Documents of the state directory as a hostile or an older program would write them.
namespace timectl::test {

inline std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

/// Without the line of the checksum.
inline std::string unsealed(const std::string& text) {
  const auto begin = text.find(" \"checksum\": \"");
  return text.substr(0, begin) + text.substr(text.find('\n', begin) + 1);
}

/// What was changed, with a checksum that is right.
inline std::string sealed_again(const std::string& text) { return with_checksum(unsealed(text)); }

/// `text` without the lines of members of that name, three spaces in.
inline std::string without_member(std::string text, const std::string& name) {
  const auto line = "\n   \"" + name + "\"";
  for (auto at = text.find(line); at != std::string::npos; at = text.find(line)) {
    text.erase(at, text.find('\n', at + 1) - at);
    const bool was_last = text[text.find_first_not_of(" \n", at)] == '}';
    if (was_last && text[at - 1] == ',') text.erase(at - 1, 1);
  }
  return text;
}

/// As 11b9d82 wrote it: no checksum, neither of the document nor of the copies.
inline std::string as_first_schema(const std::string& text) {
  std::string old = replaced(unsealed(text), "\"schema\": 3", "\"schema\": 1");
  for (const auto* name : {"checksum", "sensitivity", "action"}) old = without_member(old, name);
  return old;
}

}  // namespace timectl::test
