// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "app.hpp"

#include "base/message_of.hpp"
#include "caller.hpp"
#include "commands/commands.hpp"
#include "page.hpp"
#include "version.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <sstream>
#include <string_view>

namespace timectl::cli {

namespace {

/// CLI11 reports a wrong command line by an exception; it becomes our one Error. --help and
/// --version come the same way and are answers, not errors.
struct Answered {
  int status = 0;
};

/// CLI11 breaks no line by itself (before 2.5), and its columns are ours to keep.
class PageFormatter : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override {
    return broken_to_page(CLI::Formatter::make_help(app, std::move(name), mode),
                          get_column_width());
  }
};

void add_global_options(CLI::App& app, GlobalOptions& options) {
  app.add_option("--root", options.root,
                 "Work on the system below DIR (a mounted SD card or image) instead of this host")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  app.add_flag("--json", options.json, "Print one JSON document on standard output");
  app.add_option("--tools", options.tools,
                 "Also look for daemons below DIR, where their packages were unpacked")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  app.set_version_flag("--version", std::string{"timectl "} + version);
}

std::string wrong_words(const CLI::ParseError& problem) {
  std::string text = problem.what();
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  while (text.ends_with('\n') || text.ends_with('.')) text.pop_back();
  return text;
}

void parse(CLI::App& app, int argc, char** argv, Report& report) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    if (problem.get_exit_code() == 0) {
      std::ostringstream answer;
      const int status = app.exit(problem, answer, answer);
      report.text(answer.str());
      throw Answered{status};
    }
    throw Error{ErrorKind::usage, wrong_words(problem), "timectl --help lists the commands"};
  }
}

ExitStatus status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
    case ErrorKind::profile:
      return ExitStatus::usage;
    case ErrorKind::restored:
      return ExitStatus::restored;
    case ErrorKind::incomplete:
      return ExitStatus::incomplete;
    default:
      return ExitStatus::not_done;
  }
}

/// These read off the definitions of all commands, and are hidden by their own.
bool speaks_of_all(std::string_view command) {
  return command == "complete" || command == "manual";
}

using Commands = std::vector<std::unique_ptr<Command>>;

bool is_among(std::string_view command, std::span<char* const> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return word == command || speaks_of_all(word); });
}

/// Those that one of the words names; all of them when none does, for the help.
/// To define all commands was a fifth of the instructions of `timectl --version` (5.5 million, by
/// callgrind), and the monitor starts each minute.
void define(CLI::App& app, const Commands& commands, std::span<char* const> words) {
  const bool is_named = std::any_of(commands.begin(), commands.end(), [&](const auto& command) {
    return is_among(command->name(), words);
  });
  for (const auto& command : commands) {
    const bool is_wanted = is_among(command->name(), words);
    if (is_named && !is_wanted) continue;
    CLI::App* subcommand = app.add_subcommand(command->name(), command->summary());
    subcommand->fallthrough();
    if (is_wanted || speaks_of_all(command->name())) command->add_options(*subcommand);
  }
}

ExitStatus parse_and_run(int argc, char** argv, Report& report) {
  CLI::App app{"Sets up, verifies and monitors time on small sites", "timectl"};
  app.formatter(std::make_shared<PageFormatter>());  // before subcommands, which inherit it
  GlobalOptions options;
  add_global_options(app, options);
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(
      "Exit status: 0 done, 1 not done and nothing changed, 2 wrong command line or\nprofile, 3 "
      "not in order, 4 failed and restored, 5 failed and not restored.");
  const auto commands = all_commands();
  define(app, commands, {argv + std::min(argc, 1), argv + argc});
  parse(app, argc, argv, report);
  const auto name = app.get_subcommands().front()->get_name();
  const auto chosen = std::find_if(commands.begin(), commands.end(),
                                   [&](const auto& command) { return command->name() == name; });
  Context context{options, report, find_caller(argc, argv)};
  return (*chosen)->run(context);
}

}  // namespace

std::vector<std::unique_ptr<Command>> all_commands() {
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(make_provision_command());
  commands.push_back(make_plan_command());
  commands.push_back(make_rehearse_command());
  commands.push_back(make_verify_command());
  commands.push_back(make_explain_command());
  commands.push_back(make_status_command());
  commands.push_back(make_clients_command());
  commands.push_back(make_monitor_command());
  commands.push_back(make_history_command());
  commands.push_back(make_rtc_command());
  commands.push_back(make_island_command());
  commands.push_back(make_probe_command());
  commands.push_back(make_profile_command());
  commands.push_back(make_facts_command());
  commands.push_back(make_render_command());
  commands.push_back(make_generations_command());
  commands.push_back(make_diff_command());
  commands.push_back(make_rollback_command());
  commands.push_back(make_confirm_command());
  commands.push_back(make_uninstall_command());
  commands.push_back(make_recover_command());
  commands.push_back(make_complete_command());
#ifdef TIMECTL_MANUAL
  commands.push_back(make_manual_command());
#endif
  return commands;
}

ExitStatus run_timectl(int argc, char** argv, Report& report) {
  try {
    return parse_and_run(argc, argv, report);
  } catch (const Answered& answered) {
    return static_cast<ExitStatus>(answered.status);
  } catch (const Error& error) {
    report.error(error);
    return status_of(error.kind());
  } catch (const std::exception& surprise) {
    report.error(Error{ErrorKind::io, fmt::format("cannot go on: {}", message_of(surprise))});
    return ExitStatus::not_done;
  }
}

}  // namespace timectl::cli
