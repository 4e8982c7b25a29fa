// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace timectl {

/// A POSIX extended regular expression (regex(7)) of the C library, which also knows \b, \s, \S and
/// \w. Not std::regex: that calls itself once for each character, so that one long line overflows
/// the stack, and brings its templates along.
class RegularExpression {
 public:
  /// `expression` is the program's own: std::logic_error when it cannot be compiled.
  explicit RegularExpression(const std::string& expression);

  /// The first match's groups, the whole match first, if `text` has one anywhere; a group that took
  /// no part is empty.
  std::optional<std::vector<std::string_view>> find_in(std::string_view text) const;
  bool fits_within(std::string_view text) const { return find_in(text).has_value(); }

 private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace timectl
