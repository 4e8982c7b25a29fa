// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "commands/commands.hpp"
#include "context.hpp"
#include "other_host.hpp"
#include "plan/block.hpp"
#include "user_file.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <filesystem>

namespace timectl::cli {

namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

template <std::size_t size>
const char* word(const std::array<const char*, size>& words, auto value) {
  return words.at(static_cast<std::size_t>(value));
}

// In the order of the enumerators of target/target.hpp.
constexpr std::array file_kinds{"owned", "block", "link", "absent", "edited"};
constexpr std::array reaction_kinds{"daemon_reload",  "udev_reload", "set_host_name",
                                    "network_reload", "restart",     "try_restart",
                                    "reload_sources", "reboot"};
constexpr std::array sensitivities{"open", "secret"};
constexpr std::array activities{"running", "stopped", "unchanged"};
constexpr std::array enablements{"enabled", "disabled", "masked", "unchanged"};

bool is_secret(const target::DesiredFile& file) {
  return file.sensitivity == target::Sensitivity::secret;
}

Json to_json(const target::DesiredFile& file) {
  Json reactions = Json::array();
  for (const auto& reaction : file.reactions) {
    Json entry;
    entry["kind"] = word(reaction_kinds, reaction.kind);
    entry["subject"] = reaction.subject;
    reactions.push_back(std::move(entry));
  }
  Json json;
  json["path"] = file.path.text();
  json["kind"] = word(file_kinds, file.kind);
  json["mode"] = fmt::format("{:04o}", file.mode);
  json["group"] = file.group;
  json["in_place"] = file.in_place;
  json["why"] = file.why;
  json["reactions"] = std::move(reactions);
  json["sensitivity"] = word(sensitivities, file.sensitivity);
  // Lines that go are content of the file that they go from.
  json["superseded"] = is_secret(file) ? Json::array() : Json(file.superseded);
  json["content"] = is_secret(file) ? Json(nullptr) : Json(file.content);
  return json;
}

Json to_json(const target::DesiredUnit& unit) {
  Json json;
  json["name"] = unit.name;
  json["enablement"] = word(enablements, unit.enablement);
  json["activity"] = word(activities, unit.activity);
  json["optional"] = unit.optional;
  json["why"] = unit.why;
  return json;
}

Json to_json(const target::Target& target) {
  Json files = Json::array(), units = Json::array();
  for (const auto& file : target.files) files.push_back(to_json(file));
  for (const auto& unit : target.units) units.push_back(to_json(unit));
  Json json;
  json["schema"] = 1;
  json["profile"] = target.profile;
  json["host"] = target.host;
  json["role"] = target.role;
  json["packages"] = target.packages;
  json["excluded_packages"] = target.excluded_packages;
  json["files"] = std::move(files);
  json["units"] = std::move(units);
  json["notes"] = target.notes;
  return json;
}

[[noreturn]] void fail(const fs::path& path, const std::string& reason) {
  throw Error{ErrorKind::io, fmt::format("cannot write '{}': {}", path.string(), reason)};
}

/// Whatever is there already would be taken for rendered.
void require_empty(const fs::path& directory) {
  std::error_code problem;
  const auto status = fs::status(directory, problem);
  if (status.type() == fs::file_type::not_found) return;
  if (problem) fail(directory, problem.message());
  if (status.type() != fs::file_type::directory) fail(directory, "it is not a directory");
  const bool is_empty = fs::is_empty(directory, problem);
  if (problem) fail(directory, problem.message());
  if (is_empty) return;
  throw Error{ErrorKind::refused,
              fmt::format("cannot write '{}': the directory is not empty", directory.string()),
              "name a new directory"};
}

std::string text_of(const target::DesiredFile& file) {
  return file.kind == target::FileKind::block ? plan::with_block("", file.content) : file.content;
}

constexpr mode_t secret_mode = 0600;

std::uint32_t mode_of(const target::DesiredFile& file) {
  return is_secret(file) ? secret_mode : file.mode;
}

void write_file(const fs::path& directory, const target::DesiredFile& file) {
  const bool has_only_lines_out = file.kind == target::FileKind::edited && file.content.empty();
  if (file.kind == target::FileKind::absent || has_only_lines_out) return;
  const auto path = directory / file.path.text().substr(1);
  std::error_code problem;
  fs::create_directories(path.parent_path(), problem);
  if (problem) fail(path.parent_path(), problem.message());
  if (file.kind != target::FileKind::link) {
    return make_user_file(path.string(), text_of(file), mode_of(file));
  }
  fs::create_symlink(file.content, path, problem);
  if (problem) fail(path, problem.message());
}

/// A new directory that is to have a secret is closed to other users as a whole.
void make_directory(const fs::path& directory, const target::Target& target) {
  std::error_code problem;
  const bool is_new = fs::create_directories(directory, problem);
  const bool closes = is_new && std::any_of(target.files.begin(), target.files.end(), is_secret);
  if (closes) fs::permissions(directory, fs::perms::owner_all, problem);
  if (problem) fail(directory, problem.message());
}

class RenderCommand : public Command {
 public:
  std::string name() const override { return "render"; }
  std::string summary() const override {
    return "Write the files a host should have into a directory";
  }

  void add_options(CLI::App& app) override {
    add_site_options(app, site_);
    add_facts_option(app, site_);
    app.add_option("--output", output_, "Directory to write into: empty, or not there yet")
        ->type_name("DIR");
  }

  ExitStatus run(Context& context) override {
    if (!output_ && !context.options().json) {
      throw Error{ErrorKind::usage, "cannot render: no directory to write into",
                  "give --output DIR, or --json for the whole target on standard output"};
    }
    if (output_) require_empty(*output_);
    auto site = context.load_site(site_);
    std::optional<Error> refusal;
    const auto target = context.render_what_can_be(site, refusal);
    if (refusal) {
      context.report().warning(fmt::format("left out what gives '{}' its address: {}",
                                           site.host->name, refusal->what()));
      if (!refusal->hint().empty()) context.report().note(refusal->hint());
    }
    if (output_) write(target, context.report(), context.options().json);
    if (context.options().json) context.report().json(to_json(target));
    return ExitStatus::done;
  }

 private:
  void write(const target::Target& target, Report& report, bool is_json) const {
    make_directory(*output_, target);
    for (const auto& file : target.files) {
      write_file(*output_, file);
      if (!is_json) report.line(fmt::format("{:04o} {}", mode_of(file), file.path.text()));
    }
    for (const auto& note : target.notes) report.note(note);
  }

  SiteOptions site_;
  std::optional<std::string> output_;
};

}  // namespace

std::unique_ptr<Command> make_render_command() { return std::make_unique<RenderCommand>(); }

}  // namespace timectl::cli
