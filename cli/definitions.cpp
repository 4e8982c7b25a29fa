// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "definitions.hpp"

#include "base/text.hpp"

#include <CLI/CLI.hpp>

#include <string_view>

namespace timectl::cli {

std::vector<const CLI::App*> shown_subcommands(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* each) { return !each->get_group().empty(); });
}

std::string metavariable(const CLI::Option& option) {
  const auto type = option.get_type_name();
  return type.substr(0, type.find(':'));
}

std::vector<std::string> listed_words(const CLI::Option& option) {
  const auto type = option.get_type_name();
  const auto begin = type.find('{');
  const auto end = type.find('}', begin);
  if (begin == std::string::npos || end == std::string::npos) return {};
  return split(std::string_view{type}.substr(begin + 1, end - begin - 1), ',');
}

}  // namespace timectl::cli
