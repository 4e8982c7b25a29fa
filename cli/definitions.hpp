// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

/// What CLI11 knows of the words that it parses, for who completes them and who prints them.
namespace timectl::cli {

/// Those that --help lists: a hidden one has an empty group.
std::vector<const CLI::App*> shown_subcommands(const CLI::App& app);

/// CLI11 has the metavariable and what is checked in one, "FORMAT:{text,json}": the first part,
/// "" where there is none.
std::string metavariable(const CLI::Option& option);

/// The second part: the words that a value is one of. Empty: it may be any.
std::vector<std::string> listed_words(const CLI::Option& option);

/// "--role", or "-y" where there is no long one.
std::string long_name(const CLI::Option& option);
/// "HOST", "FINDING": in capital letters whatever CLI11 made of it.
std::string positional_name(const CLI::Option& option);

inline bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }
inline bool needs_value(const CLI::Option& option) { return option.get_items_expected_min() > 0; }
inline bool takes_several(const CLI::Option& option) { return option.get_items_expected_max() > 1; }

/// Options of the program stand after its subcommands too (CLI11's fallthrough). nullptr: none.
const CLI::Option* find_option(const CLI::App* app, const std::string& name);
const CLI::App* find_subcommand(const CLI::App& app, const std::string& name);

}  // namespace timectl::cli
