// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Internal to profile: a value on its way to becoming a part of the Profile.
#pragma once

#include "profile/mistakes.hpp"
#include "profile/tree.hpp"

#include <string>
#include <string_view>

namespace timectl::profile {

/// A value, where it stands in its document, and where to say that it is wrong.
struct Spot {
  const Value& value;
  std::string pointer;
  Mistakes& mistakes;

  Spot member(const Member& member) const;
  Spot item(std::size_t index) const;
  /// "found <the value>, expected `expected`".
  void reject(std::string_view expected) const;
  /// "found `found`, expected `expected`".
  void reject(std::string_view found, std::string_view expected) const;
  /// The same of a value that earlier versions took.
  void reject_outdated(std::string_view expected) const;
};

/// "; did you mean "gateway"?" or nothing.
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace timectl::profile
