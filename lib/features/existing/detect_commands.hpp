// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// The commands of shell scripts (sh(1)), as far as it takes to see which programs they run.
namespace timectl::features {

struct ShellCommand {
  std::vector<std::string> words;    ///< without quotes; assignments and reserved words among them
  std::vector<std::string> targets;  ///< what ">" writes to
  std::size_t line = 1;              ///< of its first word
  bool is_conditional = false;       ///< behind "&&", "||" or "|"
  bool is_alternative = false;       ///< behind "||"
  bool is_whole_line = false;        ///< nothing else stands on its line, and it ends there
};

/// Calls `take` with each command of `script` until it returns false, in one pass. Comments, the
/// texts of here-documents and of quotes are no commands; what "$(...)" runs is one.
void for_each_command(std::string_view script,
                      const std::function<bool(const ShellCommand&)>& take);

/// The command in the value of a unit's Exec…=. systemd.service(5): "@" has the program's name for
/// itself behind the program.
std::string command_of(std::string_view value);

/// What a command does to the system clock, as half a sentence: "sets the clock from the RTC"; ""
/// for any other command. Looks behind sudo, env, timeout and the like, and into `sh -c`.
std::string effect_on_clock(const ShellCommand& command);

/// The file that a command runs: its program, or the script that a shell gets; "" when it names
/// none by its full path.
std::string program_file(const ShellCommand& command);

/// The words from the program on, without reserved words, assignments and programs that run others.
std::vector<std::string> bare_words(const ShellCommand& command);

}  // namespace timectl::features
