// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "roff.hpp"

#include "base/text.hpp"

#include <vector>

namespace timectl::cli {

namespace {

/// Begins the font with its first mark, and ends it with the second.
void change_font(std::string& text, bool& is_on, char font) {
  text += is_on ? "\\fR" : std::string{"\\f"} + font;
  is_on = !is_on;
}

std::string marked_line(std::string_view line) {
  std::string result;
  bool is_bold = false;
  bool is_italic = false;
  for (const char c : line) {
    if (c == '`') {
      change_font(result, is_bold, 'B');
    } else if (c == '*') {
      change_font(result, is_italic, 'I');
    } else {
      if (c == '-' || c == '\\') result += '\\';
      result += c == '\\' ? 'e' : c;
    }
  }
  if (result.starts_with('.') || result.starts_with('\'')) result.insert(0, "\\&");
  return result;
}

}  // namespace

std::string roff(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '-' || c == '\\') result += '\\';
    result += c;
  }
  if (result.starts_with('.') || result.starts_with('\'')) result.insert(0, "\\&");
  return result;
}

std::string roff_of_marked(std::string_view text) {
  std::vector<std::string> lines;
  for (const auto& line : lines_of(text)) lines.push_back(marked_line(line));
  return join(lines, "\n");
}

}  // namespace timectl::cli
