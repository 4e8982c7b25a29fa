// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "facts/facts.hpp"

#include <fmt/format.h>

namespace timectl::facts {

std::string place_of(const ClockSetter& setter) {
  const auto place = fmt::format("{} line {}", setter.file, setter.line);
  return setter.text.empty() ? place : fmt::format("{} ('{}')", place, setter.text);
}

std::string remedy_for(const ClockSetter& setter, const std::string& root) {
  if (!setter.unit.empty()) return command_to_disable(setter.unit, root);
  const auto file = shell_word(root + setter.file);
  if (setter.can_be_commented_out) {
    return fmt::format("sed -i '{}s/^/#/' {}", setter.line, file);
  }
  return fmt::format("edit {}: take the command out of line {}", file, setter.line);
}

}  // namespace timectl::facts
