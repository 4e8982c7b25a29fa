// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/tree.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::profile {

namespace {

constexpr std::size_t longest_quote = 60;

/// At most `longest_quote` bytes, never half a character.
std::string shortened(std::string_view text) {
  if (text.size() <= longest_quote) return std::string{text};
  std::size_t end = longest_quote;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return fmt::format("{}…", text.substr(0, end));
}

}  // namespace

const Value* Value::find(std::string_view key) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [key](const Member& member) { return member.key == key; });
  return found == members.end() ? nullptr : &found->value;
}

std::string printable(std::string_view text) {
  std::string clean;
  const std::string cut = shortened(text);
  for (std::size_t i = 0; i < cut.size(); ++i) {
    const auto byte = static_cast<unsigned char>(cut[i]);
    const bool c1 =
        byte == 0xc2 && i + 1 < cut.size() && static_cast<unsigned char>(cut[i + 1]) < 0xa0;
    if (c1) {
      clean += fmt::format("\\u{:04x}", static_cast<unsigned char>(cut[++i]));
    } else if (byte < 0x20 || byte == 0x7f) {
      clean += fmt::format("\\u{:04x}", byte);
    } else {
      clean += cut[i];
    }
  }
  return clean;
}

std::string in_quotes(std::string_view text) { return fmt::format("\"{}\"", printable(text)); }

std::string describe(const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      return "null";
    case Value::Kind::boolean:
      return value.truth ? "true" : "false";
    case Value::Kind::integer:
    case Value::Kind::real:
      return shortened(value.text);
    case Value::Kind::string:
      return in_quotes(value.text);
    case Value::Kind::array:
      return "a list";
    case Value::Kind::object:
      return "an object";
  }
  return {};
}

std::string pointer_to(const std::string& parent, std::string_view key) {
  std::string step;
  for (const char c : printable(key)) {
    if (c == '~') {
      step += "~0";
    } else if (c == '/') {
      step += "~1";
    } else {
      step += c;
    }
  }
  return fmt::format("{}/{}", parent, step);
}

}  // namespace timectl::profile
