// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "commands/profile_init.hpp"
#include "profile/effective.hpp"
#include "profile/library.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace timectl::cli {

namespace {

using nlohmann::ordered_json;
using profile::Profile;
using profile::ProfileSource;

/// The library takes names and absolute paths; the shell's user also gives relative ones.
std::string made_absolute(const std::string& wanted) {
  const bool is_path = wanted.find('/') != std::string::npos || wanted.ends_with(".json");
  if (!is_path) return wanted;
  return std::filesystem::absolute(wanted).lexically_normal().string();
}

std::string described(const Profile& profile) {
  std::vector<std::string> hosts;
  for (const auto& host : profile.hosts) hosts.push_back(host.name + " " + host.role);
  return fmt::format("{} host{}: {}", hosts.size(), hosts.size() == 1 ? "" : "s",
                     join(hosts, ", "));
}

/// A profile that was asked for: either it is right, or `error` says why it is not.
struct Checked {
  std::string asked;
  std::optional<ProfileSource> source;
  std::optional<Profile> profile;
  std::optional<Error> error;

  /// What stands before ": ok".
  std::string place() const {
    if (!source) return asked;
    return source->origin == "built-in" ? source->name : source->origin;
  }
};

Checked check(Context& context, const std::optional<std::string>& wanted) {
  Checked checked;
  checked.asked = wanted.value_or("");
  try {
    checked.source = profile::find_profile(wanted, context.files(), context.host_files());
    checked.profile = profile::load_profile(*checked.source, context.files());
  } catch (const Error& error) {
    // One bad file must not hide the answers about the others.
    checked.error = error;
  }
  return checked;
}

ordered_json to_json(const Checked& checked) {
  ordered_json json;
  json["profile"] = checked.place();
  json["valid"] = !checked.error;
  if (checked.error) {
    json["mistakes"] = lines_of(checked.error->what());
    return json;
  }
  json["name"] = checked.profile->name;
  json["hosts"] = ordered_json::array();
  for (const auto& host : checked.profile->hosts) {
    ordered_json entry;
    entry["name"] = host.name;
    entry["role"] = host.role;
    json["hosts"].push_back(std::move(entry));
  }
  return json;
}

ordered_json document_of(ordered_json profiles) {
  ordered_json document;
  document["schema"] = 1;
  document["profiles"] = std::move(profiles);
  return document;
}

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
  std::string summary() const override { return "List, show, validate and begin profiles"; }

  void add_options(CLI::App& app) override {
    app.require_subcommand(1);
    list_ = app.add_subcommand("list", "The profiles there are, and where");
    show_ = app.add_subcommand("show", "The text of a profile; with --json what it amounts to");
    show_->add_option("NAME", shown_, "Name or file; default: the one that would be used");
    validate_ = app.add_subcommand("validate", "Every mistake in profiles, with its place");
    validate_->add_option("PATH", validated_,
                          "Files or names; default: the one that would be used");
    schema_ = app.add_subcommand("schema", "The JSON Schema (draft 7) of a profile, for editors");
    init_ = app.add_subcommand("init", "A first profile from what is found on this host");
    add_profile_init_options(*init_, init_options_);
    for (auto* part : {list_, show_, validate_, schema_, init_}) part->fallthrough();
  }

  ExitStatus run(Context& context) override {
    if (list_->parsed()) return list(context);
    if (show_->parsed()) return show(context);
    if (validate_->parsed()) return validate(context);
    if (init_->parsed()) return init_profile(context, init_options_);
    context.report().text(profile::profile_schema());
    return ExitStatus::done;
  }

 private:
  ExitStatus list(Context& context) const {
    const auto sources = profile::list_profiles(context.files());
    std::size_t name_width = 0;
    std::size_t origin_width = 0;
    for (const auto& source : sources) {
      name_width = std::max(name_width, source.name.size());
      origin_width = std::max(origin_width, source.origin.size());
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
      const auto label =
          fmt::format("{:{}}  {:{}}", source.name, name_width, source.origin, origin_width);
      context.report().row(label, name_width + 2 + origin_width, description);
    }
    if (context.options().json) context.report().json(document_of(std::move(profiles)));
    return ExitStatus::done;
  }

  ExitStatus show(Context& context) const {
    const auto wanted = shown_ ? std::optional{made_absolute(*shown_)} : std::nullopt;
    const auto source = profile::find_profile(wanted, context.files(), context.host_files());
    if (!context.options().json) {
      context.report().text(source.text);
      return ExitStatus::done;
    }
    const auto profile = profile::load_profile(source, context.files());
    context.report().json(ordered_json::parse(profile::effective_text(profile)));
    return ExitStatus::done;
  }

  ExitStatus validate(Context& context) const {
    std::vector<Checked> all;
    for (const auto& path : validated_) all.push_back(check(context, made_absolute(path)));
    if (validated_.empty()) all.push_back(check(context, std::nullopt));
    auto profiles = ordered_json::array();
    for (const auto& checked : all) {
      profiles.push_back(to_json(checked));
      if (!context.options().json) report(context.report(), checked);
    }
    if (context.options().json) context.report().json(document_of(std::move(profiles)));
    const bool failed = std::any_of(all.begin(), all.end(),
                                    [](const Checked& one) { return one.error.has_value(); });
    return failed ? ExitStatus::usage : ExitStatus::done;
  }

  static void report(Report& report, const Checked& checked) {
    if (checked.error) return report.error(*checked.error);
    report.line(fmt::format("{}: ok ({})", checked.place(), described(*checked.profile)));
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
