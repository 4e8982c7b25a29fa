// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/error.hpp"

#include <CLI/App.hpp>

#include <optional>
#include <string>
#include <vector>

/// What is wrong with a command line that CLI11 refused, in words for people.
namespace timectl::cli {

/// "timectl help rtc set" is "timectl rtc set --help"; others stay as they are.
std::vector<std::string> without_help_command(std::vector<std::string> words);

/// The first fault of `words` (without the program's name): the word, the command that it was given
/// to, and a near one. nullopt: all words have a meaning, and CLI11 has another objection.
std::optional<Error> find_fault(const CLI::App& program, const std::vector<std::string>& words);

/// The first word without a meaning of a command line that asks for help, which CLI11 gives without
/// a look at the others.
std::optional<Error> find_wrong_word(const CLI::App& program, std::vector<std::string> words);

/// "timectl rtc set": the command that the words lead to.
std::string command_of(const CLI::App& program, const std::vector<std::string>& words);

}  // namespace timectl::cli
