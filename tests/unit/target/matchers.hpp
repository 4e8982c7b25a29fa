// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "support/catch.hpp"

#include <string>

namespace timectl::test {

/// The matcher that Catch2 2 calls Contains and Catch2 3 ContainsSubstring.
inline auto has(const std::string& text) {
#if __has_include(<catch2/catch_all.hpp>)
  return Catch::Matchers::ContainsSubstring(text);
#else
  return Catch::Matchers::Contains(text);
#endif
}

}  // namespace timectl::test
