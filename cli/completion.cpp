// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "completion.hpp"

#include "definitions.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

namespace timectl::cli {

namespace {

/// Where the words that are complete lead to.
struct Place {
  const CLI::App* app = nullptr;
  std::size_t positionals = 0;
  const CLI::Option* waiting = nullptr;  ///< for its value
  bool only_positionals = false;         ///< after "--"
  std::set<const CLI::Option*> seen;
  Given given;
};

bool is_hidden(const std::string& group) { return group.empty(); }

void read_option(const std::string& word, Place& place) {
  const auto equals = word.find('=');
  const auto* option = find_option(place.app, word.substr(0, equals));
  if (option == nullptr) return;
  place.seen.insert(option);
  if (!takes_value(*option)) return;
  if (equals == std::string::npos) {
    if (needs_value(*option)) place.waiting = option;
  } else {
    place.given[long_name(*option)] = word.substr(equals + 1);
  }
}

void read_word(const std::string& word, Place& place) {
  if (place.waiting != nullptr) {
    if (word == "=") return;
    place.given[long_name(*place.waiting)] = word;
    place.waiting = nullptr;
  } else if (place.only_positionals) {
    ++place.positionals;
  } else if (word == "--") {
    place.only_positionals = true;
  } else if (word.starts_with('-')) {
    read_option(word, place);
  } else if (const auto* subcommand = find_subcommand(*place.app, word)) {
    place.app = subcommand;
    place.positionals = 0;
  } else {
    ++place.positionals;
  }
}

// --- values
// ---------------------------------------------------------------------------------------

/// The metavariables of --help that mean more than a text.
constexpr std::array<std::pair<std::string_view, ValueKind>, 11> meanings{{
    {"DIR", ValueKind::directory},
    {"FILE", ValueKind::file},
    {"PROFILE", ValueKind::profile},
    {"PATH", ValueKind::profile},
    {"NAME", ValueKind::profile},
    {"ROLE", ValueKind::role},
    {"HOST", ValueKind::host},
    {"FINDING", ValueKind::finding},
    {"PROBE", ValueKind::probes},
    {"GENERATION", ValueKind::generation},
    {"TEXT", ValueKind::none},
}};

ValueKind kind_of(std::string_view metavariable) {
  const auto* found = std::find_if(meanings.begin(), meanings.end(),
                                   [&](const auto& each) { return each.first == metavariable; });
  return found == meanings.end() ? ValueKind::none : found->second;
}

ValueKind kind_of(const CLI::Option& option) {
  auto kind = kind_of(metavariable(option));
  if (kind == ValueKind::none && option.get_positional()) kind = kind_of(option.get_name(true));
  return kind;
}

std::vector<Candidate> listed_by(const CLI::Option& option) {
  std::vector<Candidate> candidates;
  for (auto& word : listed_words(option)) candidates.push_back({std::move(word), ""});
  return candidates;
}

Paths paths_of(ValueKind kind) {
  if (kind == ValueKind::directory) return Paths::directories;
  return kind == ValueKind::file || kind == ValueKind::profile ? Paths::files : Paths::none;
}

/// `before` stands before the value in the same word.
Completion values_of(const CLI::Option& option, std::string before, std::string_view begun,
                     const Given& given, const Values& values) {
  const auto kind = kind_of(option);
  Completion completion{listed_by(option), paths_of(kind)};
  if (completion.candidates.empty()) completion.candidates = values(kind, given);
  const auto comma = begun.rfind(',');
  if (option.get_delimiter() == ',' && comma != std::string_view::npos) {
    before += begun.substr(0, comma + 1);
  }
  for (auto& candidate : completion.candidates) candidate.word.insert(0, before);
  return completion;
}

// --- what may stand here
// ----------------------------------------------------------------------------

std::vector<Candidate> options_at(const Place& place) {
  std::vector<Candidate> candidates;
  for (const auto* app = place.app; app != nullptr; app = app->get_parent()) {
    for (const auto* option : app->get_options()) {
      const bool is_done = place.seen.contains(option) && !takes_several(*option);
      if (!option->nonpositional() || is_hidden(option->get_group()) || is_done) continue;
      const auto name = long_name(*option);
      const bool is_there = std::any_of(candidates.begin(), candidates.end(),
                                        [&](const Candidate& each) { return each.word == name; });
      if (!is_there) candidates.push_back({name, option->get_description()});
    }
  }
  return candidates;
}

const CLI::Option* positional_at(const Place& place) {
  auto left = place.positionals;
  for (const auto* option : place.app->get_options()) {
    if (!option->get_positional() || is_hidden(option->get_group())) continue;
    if (left == 0 || takes_several(*option)) return option;
    --left;
  }
  return nullptr;
}

Completion at(const Place& place, const std::string& begun, const Values& values) {
  if (place.waiting != nullptr) {
    return values_of(*place.waiting, "", begun, place.given, values);
  }
  const auto equals = begun.find('=');
  if (!place.only_positionals && begun.starts_with('-')) {
    if (equals == std::string::npos) return {options_at(place), Paths::none};
    const auto* option = find_option(place.app, begun.substr(0, equals));
    if (option == nullptr || !takes_value(*option)) return {};
    const auto before = begun.substr(0, equals + 1);
    return values_of(*option, before, std::string_view{begun}.substr(equals + 1), place.given,
                     values);
  }
  Completion completion;
  if (const auto* option = positional_at(place)) {
    completion = values_of(*option, "", begun, place.given, values);
  }
  if (place.only_positionals) return completion;
  for (const auto* each : shown_subcommands(*place.app)) {
    completion.candidates.push_back({each->get_name(), each->get_description()});
  }
  return completion;
}

}  // namespace

Completion complete(const CLI::App& program, const std::vector<std::string>& words,
                    const Values& values) {
  Place place;
  place.app = &program;
  auto begun = words.empty() ? std::string{} : words.back();
  for (std::size_t i = 0; i + 1 < words.size(); ++i) read_word(words[i], place);
  if (place.waiting != nullptr && begun == "=") begun.clear();
  auto completion = at(place, begun, values);
  std::erase_if(completion.candidates,
                [&](const Candidate& each) { return !each.word.starts_with(begun); });
  return completion;
}

}  // namespace timectl::cli
