// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "command_line.hpp"

#include "base/text.hpp"
#include "definitions.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace timectl::cli {

namespace {

/// Reads words as CLI11 does, and stops at the first that has no meaning.
class Reader {
 public:
  explicit Reader(const CLI::App& program) : app_(&program) {}

  /// The first word that has no meaning.
  std::optional<Error> read(const std::vector<std::string>& words) {
    for (const auto& word : words) {
      if (auto fault = read(word)) return fault;
    }
    return std::nullopt;
  }

  /// What is missing at the end.
  std::optional<Error> lacks() const {
    return waiting_ != nullptr ? lacks_value() : lacks_something();
  }

  std::string command() const { return names_; }

 private:
  std::optional<Error> read(const std::string& word) {
    const bool is_option = !only_positionals_ && word.size() > 1 && word.front() == '-';
    if (may_take_ > 0 && !is_option && find_subcommand(*app_, word) == nullptr) {
      --may_take_;
      return std::nullopt;
    }
    may_take_ = 0;
    if (waiting_ != nullptr) {
      // "--role --host a" lacks the role.
      if (is_option && find_option(app_, word.substr(0, word.find('='))) != nullptr) {
        return lacks_value();
      }
      may_take_ = waiting_->get_items_expected_max() - 1;
      waiting_ = nullptr;
      return std::nullopt;
    }
    if (word == "--") {
      only_positionals_ = true;
      return std::nullopt;
    }
    if (is_option) return read_option(word);
    if (!only_positionals_) {
      if (const auto* next = find_subcommand(*app_, word)) {
        app_ = next;
        names_ += " " + word;
        return std::nullopt;
      }
    }
    return read_positional(word);
  }

  std::optional<Error> read_option(const std::string& word) {
    const auto equals = word.find('=');
    const auto name = word.substr(0, equals);
    // "-yx" is -y and -x.
    if (!name.starts_with("--") && name.size() > 2) return read_flags(name);
    const auto* option = find_option(app_, name);
    if (option == nullptr) return unknown_option(name);
    if (equals != std::string::npos) return std::nullopt;
    if (needs_value(*option)) {
      waiting_ = option;
    } else {
      may_take_ = option->get_items_expected_max();
    }
    return std::nullopt;
  }

  std::optional<Error> read_flags(const std::string& name) {
    const auto* first = find_option(app_, name.substr(0, 2));
    if (first == nullptr) return unknown_option(name);
    if (takes_value(*first)) return std::nullopt;
    for (std::size_t at = 2; at < name.size(); ++at) {
      const auto flag = std::string{"-"} + name[at];
      if (find_option(app_, flag) == nullptr) return unknown_option(flag);
    }
    return std::nullopt;
  }

  std::optional<Error> read_positional(const std::string& word) {
    ++positionals_;
    if (has_room()) return std::nullopt;
    const auto known = shown_names();
    if (known.empty()) {
      return Error{ErrorKind::usage, fmt::format("'{}' is too much for '{}'", word, names_),
                   see_help()};
    }
    const auto near = closest(word, known);
    const auto list = fmt::format("'{} --help' lists the commands", names_);
    return Error{ErrorKind::usage, fmt::format("{} has no command '{}'", names_, word),
                 near ? fmt::format("did you mean '{} {}'? {}", names_, *near, list) : list};
  }

  /// True when the command takes so many words.
  bool has_room() const {
    std::size_t left = positionals_;
    for (const auto* option : app_->get_options()) {
      if (!option->get_positional()) continue;
      if (takes_several(*option)) return true;
      --left;
      if (left == 0) return true;
    }
    return false;
  }

  std::vector<std::string> shown_names() const {
    std::vector<std::string> names;
    for (const auto* each : shown_subcommands(*app_)) names.push_back(each->get_name());
    return names;
  }

  std::string see_help() const { return fmt::format("'{} --help' says what it takes", names_); }

  Error unknown_option(const std::string& name) const {
    std::vector<std::string> known;
    for (const auto* app = app_; app != nullptr; app = app->get_parent()) {
      for (const auto* option : app->get_options()) {
        if (option->nonpositional() && !option->get_group().empty()) {
          known.push_back(long_name(*option));
        }
      }
    }
    const auto near = closest(name, known);
    return {ErrorKind::usage, fmt::format("{} has no option '{}'", names_, name),
            near ? fmt::format("did you mean {}? {}", *near, see_help()) : see_help()};
  }

  Error lacks_value() const {
    return {ErrorKind::usage,
            fmt::format("{} needs a value: {} {}", long_name(*waiting_), long_name(*waiting_),
                        metavariable(*waiting_)),
            see_help()};
  }

  std::optional<Error> lacks_something() const {
    if (app_->get_require_subcommand_min() > 0) {
      return Error{ErrorKind::usage,
                   fmt::format("{} needs a command: {}", names_, join(shown_names(), ", ")),
                   fmt::format("'{} --help' says what each is for", names_)};
    }
    std::size_t given = positionals_;
    for (const auto* option : app_->get_options()) {
      if (!option->get_positional()) continue;
      if (given == 0 && option->get_required()) {
        return Error{ErrorKind::usage, fmt::format("{} needs {}", names_, positional_name(*option)),
                     see_help()};
      }
      given -= std::min<std::size_t>(given, 1);
    }
    return std::nullopt;
  }

  const CLI::App* app_;
  const CLI::Option* waiting_ = nullptr;  ///< for its value
  int may_take_ = 0;                      ///< further values of the option before
  bool only_positionals_ = false;         ///< after "--"
  std::size_t positionals_ = 0;
  std::string names_ = "timectl";
};

}  // namespace

std::vector<std::string> without_help_command(std::vector<std::string> words) {
  if (words.empty() || words.front() != "help") return words;
  words.erase(words.begin());
  words.emplace_back("--help");
  return words;
}

std::optional<Error> find_fault(const CLI::App& program, const std::vector<std::string>& words) {
  Reader reader{program};
  auto fault = reader.read(words);
  return fault ? fault : reader.lacks();
}

std::optional<Error> find_wrong_word(const CLI::App& program, std::vector<std::string> words) {
  std::erase_if(words, [](const auto& word) { return word == "--help" || word == "-h"; });
  return Reader{program}.read(words);
}

std::string command_of(const CLI::App& program, const std::vector<std::string>& words) {
  Reader reader{program};
  reader.read(words);
  return reader.command();
}

}  // namespace timectl::cli
