// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "page.hpp"

#include "base/text.hpp"

#include <algorithm>

#include <sys/ioctl.h>
#include <unistd.h>

namespace timectl::cli {

std::size_t page_width() {
  constexpr std::size_t usual = 80, least = 40, most = 120;
  static const std::size_t width = [&] {
    winsize size{};
    const bool is_known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return is_known ? std::clamp<std::size_t>(size.ws_col, least, most) : usual;
  }();
  return width;
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
  }));
}

std::vector<std::string> wrapped(std::string_view text, std::size_t indent) {
  std::vector<std::string> rows(1);
  for (const auto& word : words_of(text)) {
    const bool fits = width_of(rows.back()) + 1 + width_of(word) + indent <= page_width();
    if (!rows.back().empty() && !fits) rows.emplace_back();
    if (!rows.back().empty()) rows.back() += ' ';
    rows.back() += word;
  }
  return rows;
}

std::string broken_to_page(std::string_view text, std::size_t hang) {
  std::string broken;
  for (auto line : lines_of(text)) {
    const std::size_t indent = line.starts_with(' ') ? hang : 0;
    while (line.size() > page_width()) {
      const auto space = line.rfind(' ', page_width());
      if (space == line.npos || space <= indent) break;
      broken += line.substr(0, space) + "\n";
      line = std::string(indent, ' ') + line.substr(space + 1);
    }
    broken += line + "\n";
  }
  return broken;
}

}  // namespace timectl::cli
