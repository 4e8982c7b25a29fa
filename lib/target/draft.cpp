// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "target/draft.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::target {

namespace {

/// No date and no builder's name: the same profile gives the same bytes everywhere.
std::string managed_by(const std::string& profile, const std::string& template_path) {
  return fmt::format(
      "# timectl manages this (profile {}, template {}): change the profile, then run 'timectl "
      "provision'\n",
      profile, template_path);
}

bool can_hold_a_comment(const FileOutline& outline) {
  return outline.path.text() != "/etc/hostname";
}

/// nullptr: nothing was added at that path yet, or it is no file of timectl's alone.
DesiredFile* find(std::vector<DesiredFile>& files, const system::RootedPath& path) {
  for (auto& file : files) {
    const bool has_lines = file.kind == FileKind::owned || file.kind == FileKind::block;
    if (file.path == path && has_lines) return &file;
  }
  return nullptr;
}

}  // namespace

Draft::Draft(const profile::Profile& wanted_profile, const profile::Host& wanted_host,
             const facts::Facts& machine, const TemplateLookup& templates)
    : profile(wanted_profile), host(wanted_host), facts(machine), templates_(templates) {
  target.profile = profile.name;
  target.host = host.name;
  target.role = host.role;
}

void Draft::add(const FileOutline& outline, const Model& model) {
  const system::RootedPath template_path{outline.template_path.empty() ? outline.path.text()
                                                                       : outline.template_path};
  const auto filled = fill_in(templates_(template_path), template_path.text(), model);
  if (auto* earlier = find(target.files, outline.path)) {
    earlier->content += "\n" + filled;
    for (const auto& reaction : outline.reactions) earlier->reactions.push_back(reaction);
    return;
  }
  std::string content = filled;
  if (can_hold_a_comment(outline)) {
    // The kernel reads "#!" at the very beginning alone.
    const auto at = filled.starts_with("#!") ? filled.find('\n') + 1 : 0;
    content.insert(at, managed_by(profile.name, template_path.text()));
  }
  target.files.push_back({.path = outline.path,
                          .kind = outline.kind,
                          .content = std::move(content),
                          .mode = outline.mode,
                          .in_place = outline.in_place,
                          .why = outline.why,
                          .reactions = outline.reactions});
}

bool Draft::has(const system::RootedPath& path) const {
  const auto& files = target.files;
  return std::any_of(files.begin(), files.end(),
                     [&](const DesiredFile& file) { return file.path == path; });
}

void Draft::need_package(const std::string& name) {
  auto& packages = target.packages;
  const bool is_there = std::find(packages.begin(), packages.end(), name) != packages.end();
  if (!is_there) packages.push_back(name);
}

void Draft::add_unit(const std::string& name, Enablement enablement, Activity activity,
                     const std::string& why) {
  target.units.push_back({name, enablement, activity, false, why});
}

void Draft::forbid_unit(const std::string& name, const std::string& why) {
  target.units.push_back({name, Enablement::disabled, Activity::stopped, true, why});
}

}  // namespace timectl::target
