// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Text on a terminal's page.
namespace timectl::cli {

/// Columns of the page that everything for people is broken to: those of the terminal that standard
/// output is, within 40 and 120, else 80.
std::size_t page_width();
/// Where the further lines of an entry of a list begin.
constexpr std::size_t hanging_indent = 4;

/// Characters on the screen: UTF-8 continuation bytes take no place.
std::size_t width_of(std::string_view text);

/// Breaks `text` between words so that it fits the page behind an indent; a word that is longer
/// than a line (a path) stays whole, so that it can be copied. At least one row, without indent.
std::vector<std::string> wrapped(std::string_view text, std::size_t indent);

/// Lines of a text whose columns are set already, each broken to the page. A line that is indented
/// is continued at column `hang`, any other at the left edge.
std::string broken_to_page(std::string_view text, std::size_t hang);

}  // namespace timectl::cli
