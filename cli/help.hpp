// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <CLI/CLI.hpp>

#include <span>
#include <string>
#include <string_view>

/// What --help prints.
namespace timectl::cli {

/// The heading in timectl --help under which a command stands.
std::string_view group_of(std::string_view command);

struct Example {
  const char* command;  ///< without "timectl "
  const char* meaning;
};
/// Of a command; empty: it has none.
std::span<const Example> examples_of(std::string_view command);

/// What every help ends with.
std::string footer_of(std::string_view command);

/// As git and systemd print options: "-y, --yes", "--role ROLE", "--samples N", with the default in
/// the text. CLI11 breaks no line by itself (before 2.5).
class PageFormatter : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_option_desc(const CLI::Option* option) const override;
  std::string make_option_usage(const CLI::Option* option) const override;
  std::string make_usage(const CLI::App* app, std::string name) const override;
};

}  // namespace timectl::cli
