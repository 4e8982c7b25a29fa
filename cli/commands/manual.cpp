// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "commands/commands.hpp"
#include "definitions.hpp"
#include "history/channels.hpp"
#include "profile/manual_of_keys.hpp"
#include "publish/measures.hpp"
#include "publish/schema.hpp"
#include "roff.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace timectl::cli {

namespace {

bool is_shown(const CLI::Option& option) {
  return !option.get_group().empty() && !option.check_lname("help");
}

std::vector<const CLI::Option*> options_of(const CLI::App& app) {
  return app.get_options(
      [](const CLI::Option* each) { return each->nonpositional() && is_shown(*each); });
}

std::vector<const CLI::Option*> positionals_of(const CLI::App& app) {
  return app.get_options(
      [](const CLI::Option* each) { return each->get_positional() && is_shown(*each); });
}

std::string value_of(const CLI::Option& option) {
  auto words = listed_words(option);
  if (words.empty()) {
    const auto name = metavariable(option);
    return fmt::format("\\fI{}\\fR", name == "INT" || name == "UINT" ? "N" : roff(name));
  }
  for (auto& word : words) word = fmt::format("\\fB{}\\fR", roff(word));
  return join(words, "|");
}

std::string names_of(const CLI::Option& option, std::string_view between) {
  std::vector<std::string> names;
  for (const auto& name : option.get_snames()) names.push_back("\\fB\\-" + roff(name) + "\\fR");
  for (const auto& name : option.get_lnames()) names.push_back("\\fB\\-\\-" + roff(name) + "\\fR");
  return join(names, between);
}

std::string with_value(const CLI::Option& option, std::string_view between) {
  auto text = names_of(option, between);
  if (option.get_items_expected_max() == 0) return text;
  const auto value = value_of(option);
  return text + (option.get_items_expected_min() == 0 ? " [" + value + "]" : " " + value);
}

std::string positional(const CLI::Option& option) {
  const auto text = fmt::format("\\fI{}\\fR", roff(positional_name(option)));
  return option.get_items_expected_max() > 1 ? text + "..." : text;
}

std::string in_brackets(const CLI::Option& option, const std::string& text) {
  return option.get_required() ? text : "[" + text + "]";
}

std::string synopsis_of(const CLI::App& app, const std::string& words) {
  std::string text = fmt::format(".B {}\n", roff(words));
  for (const auto* each : options_of(app)) {
    text += in_brackets(*each, with_value(*each, "|")) + "\n";
  }
  for (const auto* each : positionals_of(app)) text += in_brackets(*each, positional(*each)) + "\n";
  return text;
}

std::string sentence(std::string text) {
  if (!text.ends_with('.')) text += '.';
  return text;
}

/// As manual pages have it behind their name.
std::string phrase(std::string text) {
  text.at(0) = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

std::string table_of(const CLI::App& app) {
  std::string text;
  for (const auto* each : positionals_of(app)) {
    text +=
        fmt::format(".TP\n{}\n{}\n", positional(*each), roff(sentence(each->get_description())));
  }
  for (const auto* each : options_of(app)) {
    text += fmt::format(".TP\n{}\n{}\n", with_value(*each, ", "),
                        roff(sentence(each->get_description())));
  }
  return text;
}

/// What of timectl-COMMAND(1) is made of the definitions that parse it. packaging/man/update puts
/// it into the page, between lines that say so.
std::string manual_of(const CLI::App& app) {
  const auto words = "timectl " + app.get_name();
  const auto parts = shown_subcommands(app);
  std::string synopsis;
  std::string options = table_of(app);
  if (parts.empty()) synopsis = synopsis_of(app, words);
  for (const auto* part : parts) {
    const auto with_part = words + " " + part->get_name();
    if (!synopsis.empty()) synopsis += ".br\n";
    synopsis += synopsis_of(*part, with_part);
    options += fmt::format(".SS {}\n{}\n{}", roff(with_part),
                           roff(sentence(part->get_description())), table_of(*part));
  }
  if (options.empty()) options = "None of its own.\n";
  return fmt::format(
      ".\\\" made: name\n.SH NAME\ntimectl\\-{} \\- {}\n.SH SYNOPSIS\n{}.\\\" end\n.\\\" made: "
      "options\n.SH OPTIONS\n{}.PP\nGlobal options (see\n.BR timectl (1))\nare also "
      "accepted.\n.\\\" end\n",
      roff(app.get_name()), roff(phrase(app.get_description())), synopsis, options);
}

std::string meaning_of(const history::Channel& channel) {
  const bool is_state = channel.kind == publish::Kind::state;
  return std::string{channel.meaning} + (is_state ? " (\"worst_state\" in the JSON)" : "");
}

/// What timectl-history(1) has of channels; packaging/man/update makes the schema of it too.
std::string channels_of_history() {
  std::string text = ".\\\" made: channels\n";
  for (const auto& channel : history::channels) {
    const std::string unit{channel.unit};
    text += fmt::format(".TP\n\\fB{}\\fR{}\n{}\n", channel.name,
                        unit.empty() ? "" : fmt::format(" ({})", unit),
                        roff(sentence(meaning_of(channel))));
  }
  return text + ".\\\" end\n";
}

/// What timectl-monitor(1) has of metrics.
std::string metrics_of_monitor() {
  std::string text =
      ".\\\" made: metrics\n.SH METRICS\n"
      "Each check writes these gauges for node_exporter, those of a feature only where the host "
      "has it.\n";
  for (const auto& measure : publish::measures) {
    const auto& metric = measure.metric;
    if (metric.name == nullptr) continue;
    const bool is_one_of_many = metric.label_value != nullptr;
    const auto label = metric.label == nullptr ? ""
                       : is_one_of_many
                           ? fmt::format("{{{}=\"{}\"}}", metric.label, metric.label_value)
                           : fmt::format("{{{}}}", metric.label);
    text += fmt::format(
        ".TP\n\\fB{}{}\\fR\n{}\n", metric.name, label,
        roff(is_one_of_many ? publish::sentence_of(measure.help) : publish::metric_help(measure)));
  }
  return text + ".\\\" end\n";
}

/// What timectl-profile(5) has of keys.
std::string keys_of_profiles() {
  std::string text = ".\\\" made: keys\n.SH KEYS\n";
  for (const auto& section : profile::manual_of_keys()) {
    text += fmt::format(".SS {}\n", roff(section.title));
    if (!section.intro.empty()) text += roff_of_marked(section.intro) + "\n";
    for (const auto& [key, meaning] : section.keys) {
      text += fmt::format(".TP\n.B {}\n{}\n", key, roff_of_marked(meaning));
    }
  }
  return text + ".\\\" end\n";
}

std::string more_of(const std::string& command) {
  if (command == "history") return channels_of_history();
  return command == "monitor" ? metrics_of_monitor() : "";
}

class ManualCommand : public Command {
 public:
  std::string name() const override { return "manual"; }
  std::string summary() const override { return "Print the generated parts of the manual"; }

  void add_options(CLI::App& app) override {
    app.group("");
    app.add_option(
           "COMMAND", command_,
           "Of which command, profile.5 for the keys of profiles, or measures for their schema")
        ->required();
    program_ = app.get_parent();
  }

  ExitStatus run(Context& context) override {
    if (command_ == "profile.5") {
      context.report().content(keys_of_profiles());
      return ExitStatus::done;
    }
    if (command_ == "measures") {
      context.report().json(publish::schema_of(publish::measures));
      return ExitStatus::done;
    }
    for (const auto* each : shown_subcommands(*program_)) {
      if (!each->check_name(command_)) continue;
      context.report().content(manual_of(*each) + more_of(command_));
      return ExitStatus::done;
    }
    throw Error{ErrorKind::usage, fmt::format("there is no command '{}'", command_),
                "'timectl --help' lists them"};
  }

 private:
  const CLI::App* program_ = nullptr;
  std::string command_;
};

}  // namespace

std::unique_ptr<Command> make_manual_command() { return std::make_unique<ManualCommand>(); }

}  // namespace timectl::cli
