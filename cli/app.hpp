// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "command.hpp"

#include <memory>
#include <vector>

namespace timectl::cli {

/// Every subcommand, in the order of --help. Parsing, help, completions and the tests that compare
/// the manual with the program all walk this list.
std::vector<std::unique_ptr<Command>> all_commands();

/// Parses and runs: the whole program but for the process's own start and end.
ExitStatus run_timectl(int argc, char** argv, Report& report);

}  // namespace timectl::cli
