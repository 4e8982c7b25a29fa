// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/spot.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace timectl::profile {

Spot Spot::member(const Member& member) const {
  return {member.value, pointer_to(pointer, member.key), mistakes};
}

Spot Spot::item(std::size_t index) const {
  return {value.items.at(index), pointer_to(pointer, std::to_string(index)), mistakes};
}

void Spot::reject(std::string_view expected) const { reject(describe(value), expected); }

void Spot::reject(std::string_view found, std::string_view expected) const {
  mistakes.add(value.at, pointer, fmt::format("found {}, expected {}", found, expected));
}

void Spot::reject_outdated(std::string_view expected) const {
  mistakes.add_outdated(value.at, pointer,
                        fmt::format("found {}, expected {}", describe(value), expected));
}

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates) {
  constexpr std::size_t longest_word = 64;  // comparing costs length times length
  if (word.size() > longest_word) return {};
  const auto near = closest(word, candidates);
  return near ? fmt::format("; did you mean \"{}\"?", *near) : "";
}

}  // namespace timectl::profile
