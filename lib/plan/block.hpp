// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

/// A marked block inside a file that is not timectl's (/etc/hosts, config.txt).
namespace timectl::plan {

/// `lines` as a block holds them: the last one ends in a newline.
std::string block_lines(std::string_view lines);

/// Whether `text` has timectl's begin without its end.
bool has_open_block(std::string_view text);

/// Whether that is what a power cut left of a block of `lines`: it goes to the end of the text, and
/// every byte of it is timectl's.
bool is_torn_block(std::string_view text, std::string_view lines);

/// The lines between timectl's markers; nullopt when there is no block. An open block reaches to
/// the end of the text: only a torn one may be treated so.
std::optional<std::string> find_block(std::string_view text);

/// `text` with its block replaced by `lines`, in place, or appended when there is none. Everything
/// else stays byte for byte; a missing newline before the block is added, and the marker says so.
std::string with_block(std::string_view text, std::string_view lines);

/// `text` without the block: what with_block(x, …) was given as x.
std::string without_block(std::string_view text);

/// `text` without the lines outside of the block that are one of `lines`, spaces around them aside.
std::string without_lines(std::string_view text, const std::set<std::string, std::less<>>& lines);

}  // namespace timectl::plan
