// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/visible.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "commands/profile_check.hpp"
#include "commands/profile_init.hpp"
#include "own_site.hpp"
#include "page.hpp"
#include "profile/effective.hpp"
#include "profile/library.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace timectl::cli {

namespace {

using nlohmann::ordered_json;
using profile::ProfileSource;

std::string listed(Context& context, const ProfileSource& source) {
  try {
    return profile::load_profile(source, context.files()).description;
  } catch (const Error&) {
    return fmt::format("not valid, see `timectl profile validate {}`", source.name);
  }
}

class ProfileCommand : public Command {
 public:
  std::string name() const override { return "profile"; }
  std::string summary() const override { return "List, show, validate and create profiles"; }

  void add_options(CLI::App& app) override {
    app.require_subcommand(1);
    list_ = app.add_subcommand("list", "List the profiles and where they are");
    show_ = app.add_subcommand("show", "Print a profile; with --json the values in effect");
    show_->add_option("NAME", shown_, "Name or file; default: the one that would be used");
    validate_ = app.add_subcommand("validate", "Report every mistake in profiles, with its place");
    validate_->add_option("PATH", validated_,
                          "Files or names; default: the one that would be used");
    schema_ =
        app.add_subcommand("schema", "Print the JSON Schema (draft 7) of a profile, for editors");
    init_ = app.add_subcommand("init", "Create a first profile from what is found on this host");
    add_profile_init_options(*init_, init_options_);
    for (auto* part : {list_, show_, validate_, schema_, init_}) part->fallthrough();
  }

  ExitStatus run(Context& context) override {
    if (list_->parsed()) return list(context);
    if (show_->parsed()) return show(context);
    if (validate_->parsed()) return validate_profiles(context, validated_);
    if (init_->parsed()) return init_profile(context, init_options_);
    context.report().content(profile::profile_schema());
    return ExitStatus::done;
  }

 private:
  ExitStatus list(Context& context) const {
    const auto sources = profile::list_profiles(context.files());
    std::size_t name_width = 0;
    std::size_t origin_width = 0;
    for (const auto& source : sources) {
      name_width = std::max(name_width, width_of(visible(source.name)));
      origin_width = std::max(origin_width, width_of(visible(source.origin)));
    }
    auto profiles = ordered_json::array();
    for (const auto& source : sources) {
      const auto description = listed(context, source);
      ordered_json entry;
      entry["name"] = source.name;
      entry["origin"] = source.origin;
      entry["description"] = description;
      profiles.push_back(std::move(entry));
      if (context.options().json) continue;
      const auto label = fmt::format("{:{}}  {:{}}", visible(source.name), name_width,
                                     visible(source.origin), origin_width);
      context.report().row(label, name_width + 2 + origin_width, description);
    }
    if (context.options().json) context.report().json(profiles_document(std::move(profiles)));
    return ExitStatus::done;
  }

  ExitStatus show(Context& context) const {
    SiteOptions options;
    options.profile = shown_;
    const auto source = find_own_profile(context, options);
    if (!context.options().json) {
      context.report().content(source.text);
      return ExitStatus::done;
    }
    const auto profile = profile::load_profile(source, context.files());
    context.report().json(ordered_json::parse(profile::effective_text(profile)));
    return ExitStatus::done;
  }

  CLI::App* list_ = nullptr;
  CLI::App* show_ = nullptr;
  CLI::App* validate_ = nullptr;
  CLI::App* schema_ = nullptr;
  CLI::App* init_ = nullptr;
  ProfileInitOptions init_options_;
  std::optional<std::string> shown_;
  std::vector<std::string> validated_;
};

}  // namespace

std::unique_ptr<Command> make_profile_command() { return std::make_unique<ProfileCommand>(); }

}  // namespace timectl::cli
