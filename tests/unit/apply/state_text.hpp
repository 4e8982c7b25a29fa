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

/// What somebody changed, with a checksum that is right.
inline std::string sealed_again(const std::string& text) { return with_checksum(unsealed(text)); }

/// As 11b9d82 wrote it: no checksum, neither of the document nor of the copies.
inline std::string as_first_schema(const std::string& text) {
  std::string old = replaced(unsealed(text), "\"schema\": 2", "\"schema\": 1");
  for (auto at = old.find("\n   \"checksum\""); at != std::string::npos;
       at = old.find("\n   \"checksum\"")) {
    const auto end = old.find('\n', at + 1);
    old.erase(at, end - at);
    if (old[at - 1] == ',') old.erase(at - 1, 1);
  }
  return old;
}

}  // namespace timectl::test
