// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "app.hpp"

#include "base/message_of.hpp"
#include "caller.hpp"
#include "command_line.hpp"
#include "commands/commands.hpp"
#include "failure.hpp"
#include "help.hpp"
#include "version.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>
#include <string_view>

namespace timectl::cli {

namespace {

/// CLI11 reports a wrong command line by an exception; it becomes our one Error. --help and
/// --version come the same way and are answers, not errors.
struct Answered {
  int status = 0;
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
  app.add_option("--color", options.color,
                 "Color: auto (on a terminal, without NO_COLOR), always or never")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  app.add_flag("-q,--quiet", options.quiet, "No notes and no progress: results, warnings, errors");
  app.add_flag("-v,--verbose", options.verbose, "Findings with the evidence for them");
  app.add_flag("--no-pager", options.no_pager, "Do not show long output in a pager");
  app.set_version_flag("--version", std::string{"timectl "} + version);
}

std::string words_of_cli11(const CLI::ParseError& problem) {
  std::string text = problem.what();
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  while (text.ends_with('\n') || text.ends_with('.')) text.pop_back();
  return text;
}

/// Without a command: the help, and no success, for a script whose variable is empty.
[[noreturn]] void answer_bare_call(const CLI::App& app, Report& report) {
  report.notes(app.help() + "\n");
  throw Error{ErrorKind::usage, "timectl needs a command"};
}

void parse(CLI::App& app, const std::vector<std::string>& words, Report& report) {
  try {
    std::vector<std::string> last_first{words.rbegin(), words.rend()};
    app.parse(last_first);
  } catch (const CLI::ParseError& problem) {
    if (problem.get_exit_code() == 0) {
      if (auto fault = find_wrong_word(app, words)) throw *fault;
      std::ostringstream answer;
      const int status = app.exit(problem, answer, answer);
      report.text(answer.str());
      throw Answered{status};
    }
    if (words.empty()) answer_bare_call(app, report);
    if (auto fault = find_fault(app, words)) throw *fault;
    throw Error{ErrorKind::usage, words_of_cli11(problem),
                fmt::format("'{} --help' says what it takes", command_of(app, words))};
  }
}

/// These read off the definitions of all commands, and are hidden by their own.
bool speaks_of_all(std::string_view command) {
  return command == "complete" || command == "manual";
}

using Commands = std::vector<std::unique_ptr<Command>>;

bool is_among(std::string_view command, const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return word == command || speaks_of_all(word); });
}

/// Those that one of the words names; all of them when none does, for the help.
/// To define all commands was a fifth of the instructions of `timectl --version` (5.5 million, by
/// callgrind), and the monitor starts each minute.
void define(CLI::App& app, const Commands& commands, const std::vector<std::string>& words) {
  const bool is_named = std::any_of(commands.begin(), commands.end(), [&](const auto& command) {
    return is_among(command->name(), words);
  });
  for (const auto& command : commands) {
    const bool is_wanted = is_among(command->name(), words);
    if (is_named && !is_wanted) continue;
    CLI::App* subcommand = app.add_subcommand(command->name(), command->summary());
    subcommand->fallthrough();
    subcommand->group(std::string{group_of(command->name())});
    subcommand->footer(footer_of(command->name()));
    if (!is_wanted && !speaks_of_all(command->name())) continue;
    command->add_options(*subcommand);
    for (auto* each : subcommand->get_subcommands(nullptr)) {
      if (!each->get_group().empty()) each->group("Commands");  // it inherited that of its command
    }
  }
}

ExitStatus parse_and_run(int argc, char** argv, Report& report) {
  CLI::App app{"Sets up, verifies and monitors time on small sites", "timectl"};
  app.formatter(std::make_shared<PageFormatter>());  // before subcommands, which inherit it
  GlobalOptions options;
  add_global_options(app, options);
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(footer_of(""));
  const auto commands = all_commands();
  const auto words = without_help_command({argv + std::min(argc, 1), argv + argc});
  define(app, commands, words);
  parse(app, words, report);
  report.set({options.color, options.quiet, options.verbose});
  const auto name = app.get_subcommands().front()->get_name();
  const auto chosen = std::find_if(commands.begin(), commands.end(),
                                   [&](const auto& command) { return command->name() == name; });
  Context context{options, report, find_caller(argc, argv)};
  return (*chosen)->run(context);
}

/// Read here because a wrong command line has no options yet.
bool wants_document(const std::vector<std::string>& words) {
  const auto end = std::find(words.begin(), words.end(), "--");
  for (auto word = words.begin(); word != end; ++word) {
    if (*word == "--json" || *word == "--format=json") return true;
    if (*word == "json" && word != words.begin() && *(word - 1) == "--format") return true;
  }
  return false;
}

/// On standard error for people, and with --json as the document that a script reads.
ExitStatus fail(const Error& error, bool wants_document, Report& report) {
  if (wants_document && !report.has_document()) report.json(error_document(error));
  report.error(error);
  return status_of(error.kind());
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
  commands.push_back(make_gps_command());
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
  const bool wants_one = wants_document({argv + std::min(argc, 1), argv + argc});
  try {
    return parse_and_run(argc, argv, report);
  } catch (const Answered& answered) {
    return static_cast<ExitStatus>(answered.status);
  } catch (const Error& error) {
    return fail(error, wants_one, report);
  } catch (const std::exception& surprise) {
    return fail(Error{ErrorKind::io, fmt::format("cannot go on: {}", message_of(surprise))},
                wants_one, report);
  }
}

}  // namespace timectl::cli
