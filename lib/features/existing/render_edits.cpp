// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/existing/render_edits.hpp"

#include "base/address.hpp"
#include "profile/networks.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::features {

using facts::ExistingSetting;
using target::DesiredFile;
using target::Draft;

std::string place_of(const ExistingSetting& setting) {
  if (setting.line == 0) return setting.file;
  if (setting.is_closed) return fmt::format("{} line {}", setting.file, setting.line);
  return fmt::format("{} line {} ('{}')", setting.file, setting.line, setting.lines.front());
}

void add_conflict(Draft& draft, const ExistingSetting& setting, const std::string& reason) {
  const std::string verb = setting.line == 0 ? "remove it" : "take it out";
  const auto by_timectl =
      fmt::format("{}, or let '{}' do it; what it changes is kept in the generation", verb,
                  draft.facts.command("provision --take-over"));
  draft.target.conflicts.push_back(
      {fmt::format("{}: {}", place_of(setting), reason), setting.is_fixed ? verb : by_timectl});
}

DesiredFile& file_of(Draft& draft, const std::string& path) {
  auto& files = draft.target.files;
  const auto known = std::find_if(files.begin(), files.end(), [&](const DesiredFile& file) {
    return file.path.text() == path;
  });
  if (known != files.end()) return *known;
  files.push_back({.path = system::RootedPath{path},
                   .kind = target::FileKind::edited,
                   .content = {},
                   .why = {},
                   .reactions = {}});
  return files.back();
}

void take_lines(Draft& draft, const ExistingSetting& setting, const std::string& why,
                const std::vector<target::Reaction>& reactions) {
  auto& file = file_of(draft, setting.file);
  file.superseded.insert(setting.lines.begin(), setting.lines.end());
  constexpr auto instead = "; takes the place of the same lines without markers";
  if (file.kind == target::FileKind::block && !file.why.ends_with(instead)) file.why += instead;
  if (file.kind == target::FileKind::edited) file.why = why;
  if (file.reactions.empty()) file.reactions = reactions;
}

const profile::Host* host_at(const Draft& draft, const std::string& address) {
  for (const auto& host : draft.profile.hosts) {
    const auto parsed = IpAddress::parse(address);
    if (parsed && profile::has_address(host, *parsed)) return &host;
  }
  return nullptr;
}

}  // namespace timectl::features
