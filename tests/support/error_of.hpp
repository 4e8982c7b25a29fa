// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/error.hpp"

#include <optional>
#include <string>

namespace timectl::test {

/// The Error that `action` throws; nullopt when it throws none. (The string matchers of Catch2 2
/// and 3 have different names.)
template <typename Action>
std::optional<Error> error_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

inline bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}
inline bool mentions(const std::optional<Error>& error, const std::string& part) {
  return error && mentions(std::string{error->what()}, part);
}

}  // namespace timectl::test
