// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "facts/facts.hpp"

#include <fmt/format.h>

namespace timectl::facts {

namespace {

/// Quoted only where a shell needs it: the command is to be read.
std::string for_shell(const std::string& path) {
  constexpr auto plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+.,:@%/";
  return path.find_first_not_of(plain) == std::string::npos ? path : shell_quoted(path);
}

}  // namespace

std::string place_of(const ClockSetter& setter) {
  const auto place = fmt::format("{} line {}", setter.file, setter.line);
  return setter.text.empty() ? place : fmt::format("{} ('{}')", place, setter.text);
}

std::string remedy_for(const ClockSetter& setter, const std::string& root) {
  if (!setter.unit.empty() && !root.empty()) {
    return fmt::format("systemctl --root {} disable {}", for_shell(root), for_shell(setter.unit));
  }
  if (!setter.unit.empty()) {
    return fmt::format("systemctl disable --now {}", for_shell(setter.unit));
  }
  const auto file = for_shell(root + setter.file);
  if (setter.can_be_commented_out) {
    return fmt::format("sed -i '{}s/^/#/' {}", setter.line, file);
  }
  return fmt::format("edit {}: take the command out of line {}", file, setter.line);
}

}  // namespace timectl::facts
