// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/capture.hpp"

#include "apply/backup.hpp"
#include "apply/links.hpp"
#include "base/error.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::apply {

using plan::FileAction;
using plan::FileChange;
using system::FileType;
using system::RootedPath;
using target::ReactionKind;

namespace {

void capture_unit(const std::string& name, const system::ServiceReader& services,
                  const system::FileReader& files, Journal& journal) {
  const bool known = std::any_of(journal.units.begin(), journal.units.end(),
                                 [&](const plan::FormerUnit& unit) { return unit.name == name; });
  if (known || name.empty()) return;
  const auto state = services.state(name);
  journal.units.push_back(
      {name, state.exists(), state.is_enabled(), state.is_masked(), state.is_active()});
  capture_links(name, services, files, journal);
}

bool is_about_unit(ReactionKind kind) {
  return kind == ReactionKind::restart || kind == ReactionKind::try_restart;
}

void refuse_if_changed(const FileChange& change, const std::optional<system::FileStatus>& now,
                       const std::string& content) {
  const bool same =
      now.has_value() == change.before.has_value() &&
      (!now || (now->type == change.before->type && now->ownership == change.before->ownership &&
                content == change.content_before));
  if (same) return;
  throw Error{ErrorKind::refused,
              fmt::format("cannot change '{}': it is not as the plan saw it", change.path.text()),
              "another process changes it at the same time: plan again"};
}

/// A journal never brings such a file back (checked_file_mode), so it is not to be changed.
void refuse_special_mode(const FileChange& change, const system::FileStatus& now,
                         const system::FileReader& files) {
  if (now.type != FileType::regular || (now.ownership.mode & 07000U) == 0) return;
  throw Error{
      ErrorKind::refused,
      fmt::format("cannot change '{}': its mode is {:04o}, and timectl restores no file that "
                  "is set-user-ID, set-group-ID or sticky",
                  change.path.text(), now.ownership.mode),
      fmt::format("chmod u-s,g-s,-t {}", shell_quoted(files.host_path(change.path)))};
}

void capture_file(const FileChange& change, system::FileStore& files, Journal& journal) {
  const auto now = files.status(change.path);
  OldFile old{change.path, {}, {}, {}, {}, {}, change.in_place, change.kind, change.reactions};
  old.sensitivity = change.sensitivity;
  old.action = change.action;
  const auto content = now ? content_at(files, change.path, now->type) : "";
  refuse_if_changed(change, now, content);
  if (now) {
    refuse_special_mode(change, *now, files);
    old.type = now->type;
    old.ownership = now->ownership;
    old.modified = now->modified;
    old.blob = fmt::format("old-{:03}-{}", journal.files.size() + 1, change.path.name());
    stage_backup(files, journal, old, content);
  }
  journal.files.push_back(std::move(old));
}

void capture_missing_directories(const RootedPath& path, const system::FileReader& files,
                                 std::vector<RootedPath>& missing) {
  if (files.status(path)) return;
  capture_missing_directories(path.parent(), files, missing);
  if (std::find(missing.begin(), missing.end(), path) == missing.end()) missing.push_back(path);
}

std::string kernel_host_name(const system::FileReader& files) {
  for (const auto* path : {"/proc/sys/kernel/hostname", "/etc/hostname"}) {
    const auto file = files.read(RootedPath{path});
    if (file && !trim(file->content).empty()) return std::string{trim(file->content)};
  }
  return {};
}

}  // namespace

std::string content_at(const system::FileReader& files, const RootedPath& path, FileType type) {
  if (type == FileType::symlink) return files.read_link(path).value_or("");
  if (type != FileType::regular) return {};
  const auto file = files.read(path);
  return file ? file->content : "";
}

void capture_units(const plan::Plan& plan, const system::ServiceReader& services,
                   const system::FileReader& files, Journal& journal) {
  for (const auto& change : plan.changes) {
    if (const auto* unit = std::get_if<plan::UnitChange>(&change)) {
      capture_unit(unit->unit, services, files, journal);
    }
    const auto* reaction = std::get_if<plan::ReactionChange>(&change);
    if (reaction && is_about_unit(reaction->reaction.kind)) {
      capture_unit(reaction->reaction.subject, services, files, journal);
    }
  }
  for (const auto& unit : plan.links.units) capture_links(unit, services, files, journal);
}

void capture_files(const plan::Plan& plan, system::FileStore& files, Journal& journal) {
  for (const auto& path : plan.directories) {
    const auto now = files.status(path);
    const bool is_directory = now && now->type == FileType::directory;
    if (is_directory) journal.retired_directories.push_back({path, now->ownership});
  }
  for (const auto& change : plan.changes) {
    if (const auto* file = std::get_if<FileChange>(&change)) {
      capture_file(*file, files, journal);
      const bool stays = file->action != FileAction::remove;
      if (stays) capture_missing_directories(file->path.parent(), files, journal.directories);
    }
    if (const auto* reaction = std::get_if<plan::ReactionChange>(&change)) {
      journal.reactions.push_back(reaction->reaction);
      const bool renames = reaction->reaction.kind == ReactionKind::set_host_name;
      if (renames) journal.host_name = kernel_host_name(files);
    }
  }
}

}  // namespace timectl::apply
