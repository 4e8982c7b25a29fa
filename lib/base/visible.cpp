// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/visible.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace timectl {

namespace {

struct Span {
  char32_t first;
  char32_t last;
};

// Unicode 15: Default_Ignorable_Code_Point of DerivedCoreProperties.txt (its last span is the whole
// block of tags and variation selectors), the C1 controls, U+2028, U+2029, interlinear annotations
// and the noncharacters that do not end a plane.
constexpr std::array<Span, 19> hidden{{
    {0x80, 0x9f},     {0xad, 0xad},       {0x34f, 0x34f},     {0x61c, 0x61c},     {0x115f, 0x1160},
    {0x17b4, 0x17b5}, {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},
    {0x3164, 0x3164}, {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
    {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
}};

bool is_hidden(char32_t point) {
  const auto behind =
      std::upper_bound(hidden.begin(), hidden.end(), point,
                       [](char32_t each, const Span& span) { return each < span.first; });
  const bool is_noncharacter = (point & 0xfffeU) == 0xfffeU;
  return is_noncharacter || (behind != hidden.begin() && point <= (behind - 1)->last);
}

bool is_plain(char c) { return c >= ' ' && c <= '~'; }

/// What stands at the beginning of a text.
struct Character {
  char32_t point;
  std::size_t size;  ///< in bytes; 0 where it is no UTF-8
};

constexpr Character broken{0, 0};

/// RFC 3629: the shortest form, no surrogates, nothing above U+10FFFF.
Character first_of(std::string_view text) {
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  const auto lead = static_cast<std::uint8_t>(text.front());
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return broken;
  char32_t point = lead & (0x7fU >> size);
  for (const char c : text.substr(1, size - 1)) {
    const auto byte = static_cast<std::uint8_t>(c);
    if ((byte & 0xc0U) != 0x80) return broken;
    point = point << 6U | (byte & 0x3fU);
  }
  const bool is_surrogate = point >= 0xd800 && point <= 0xdfff;
  return point < least.at(size) || is_surrogate || point > 0x10ffff ? broken
                                                                    : Character{point, size};
}

std::string escaped_byte(char c) {
  switch (c) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return fmt::format("\\x{:02x}", static_cast<std::uint8_t>(c));
  }
}

std::string escaped_point(char32_t point) {
  const auto number = static_cast<std::uint32_t>(point);
  return number > 0xffff ? fmt::format("\\U{:08x}", number) : fmt::format("\\u{:04x}", number);
}

/// RFC 8259: a code point beyond the first plane is a pair of surrogates.
std::string json_point(char32_t point) {
  const auto number = static_cast<std::uint32_t>(point);
  if (number <= 0xffff) return fmt::format("\\u{:04x}", number);
  const auto above = number - 0x10000;
  return fmt::format("\\u{:04x}\\u{:04x}", 0xd800 + (above >> 10U), 0xdc00 + (above & 0x3ffU));
}

/// `of_byte` and `of_point` write out what does not stay.
template <typename OfByte, typename OfPoint>
std::string rewritten(std::string_view text, OfByte of_byte, OfPoint of_point) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto special = std::find_if_not(text.begin(), text.end(), is_plain);
    result.append(text.begin(), special);
    text.remove_prefix(static_cast<std::size_t>(special - text.begin()));
    if (text.empty()) break;
    const auto [point, size] = first_of(text);
    if (size <= 1) {
      result += of_byte(text.front());
    } else if (is_hidden(point)) {
      result += of_point(point);
    } else {
      result += text.substr(0, size);
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return result;
}

}  // namespace

std::string visible(std::string_view text, Layout layout) {
  const auto of_byte = [&](char c) {
    const bool stays = layout == Layout::lines && (c == '\n' || c == '\t');
    return stays ? std::string{c} : escaped_byte(c);
  };
  return rewritten(text, of_byte, escaped_point);
}

std::string visible_json(std::string_view document) {
  // Of the control characters a serializer leaves its own line ends and DEL.
  const auto of_byte = [](char c) { return c == '\x7f' ? json_point(0x7f) : std::string{c}; };
  return rewritten(document, of_byte, json_point);
}

}  // namespace timectl
