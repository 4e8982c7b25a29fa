// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "duration.hpp"

#include "base/text.hpp"

namespace timectl::cli {

namespace {

constexpr std::chrono::seconds longest = std::chrono::hours{24};

/// 0 for what is no unit.
long long seconds_in(char unit) {
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3600;
    default:
      return 0;
  }
}

}  // namespace

std::optional<std::chrono::seconds> parse_duration(const std::string& text) {
  const auto number = text.empty() ? 0 : to_integer(text.substr(0, text.size() - 1)).value_or(0);
  const bool is_in_range = number > 0 && number <= longest.count();
  const std::chrono::seconds span{is_in_range ? number * seconds_in(text.back()) : 0};
  if (span.count() == 0 || span > longest) return std::nullopt;
  return span;
}

}  // namespace timectl::cli
