// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <CLI/App.hpp>

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

}  // namespace timectl::cli
