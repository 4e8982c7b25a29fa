// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace timectl {

std::string_view trim(std::string_view text);

/// Splits at every `separator`; empty fields are kept, so "a,,b" has three.
std::vector<std::string> split(std::string_view text, char separator);

/// The lines of `text` without their newlines. A final newline does not make an empty last line.
std::vector<std::string> lines_of(std::string_view text);

/// Words separated by any white space; never empty ones.
std::vector<std::string> words_of(std::string_view text);

std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// The candidate a person most likely meant by `word`, if one is near enough to be offered.
std::optional<std::string> closest(std::string_view word,
                                   const std::vector<std::string>& candidates);

/// Whether `pattern` ("en*", "eth?", "/etc/network/interfaces.d/*") fits the whole of `text`. Other
/// wildcards of a shell are taken by the letter.
bool fits_pattern(std::string_view text, std::string_view pattern);

/// True when `text` holds a byte below 0x20 or 0x7f. Such a byte in a value could start a new
/// line, and with it a new directive, in a rendered file.
bool has_control_characters(std::string_view text);

/// As one word for a shell (sh(1)), whatever it holds: for commands that messages show to the user.
std::string shell_quoted(std::string_view text);

/// The same, without quotes where a shell needs none: such a command is to be read.
std::string shell_word(std::string_view text);

/// A whole decimal number and nothing else; nullopt for everything else, overflow included.
std::optional<long long> to_integer(std::string_view text);

/// A whole finite decimal number; "nan" and "inf" are nullopt.
std::optional<double> to_number(std::string_view text);

}  // namespace timectl
