// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/sample.hpp"

#include <fmt/format.h>

#include <cstddef>

namespace timectl::history {

namespace {

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

BootId parse_boot_id(std::string_view text) {
  BootId boot{};
  std::size_t digits = 0;
  for (const char c : text) {
    if (c == '-') continue;
    const int digit = digit_of(c);
    if (digit < 0 || digits == 2 * boot.size()) return {};
    auto& byte = boot[digits / 2];
    byte = static_cast<std::uint8_t>(unsigned{byte} << 4U | static_cast<unsigned>(digit));
    ++digits;
  }
  return digits == 2 * boot.size() ? boot : BootId{};
}

std::string to_string(const BootId& boot) {
  std::string text;
  if (boot == BootId{}) return text;
  for (const auto byte : boot) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace timectl::history
