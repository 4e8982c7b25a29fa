// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "plan/parts.hpp"
#include "system/unit_name.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::plan {

using system::RootedPath;

namespace {

const RootedPath own_units{"/etc/systemd/system"};

/// Where links that enable the unit are, or would be in a directory that is there.
std::vector<RootedPath> wants_of(const std::string& unit, const system::FileReader& files) {
  std::vector<RootedPath> paths;
  for (const auto& name : files.list(own_units)) {
    if (system::holds_links(name)) paths.push_back(own_units / name / unit);
  }
  return paths;
}

bool is_changed(const RootedPath& path, const FilePart& files) {
  return std::any_of(files.changes.begin(), files.changes.end(),
                     [&](const FileChange& change) { return change.path == path; });
}

}  // namespace

void refuse_obstacles(const UnitPart& units, const FilePart& files,
                      const system::FileReader& machine) {
  const auto refuse_unless_free = [&](const char* verb, const std::string& unit,
                                      const RootedPath& path) {
    const auto status = machine.status(path);
    if (!status || status->type == system::FileType::symlink || is_changed(path, files)) return;
    throw Error{ErrorKind::refused,
                fmt::format("cannot {} '{}': '{}' stands where systemd needs a link", verb, unit,
                            path.text()),
                "look at it, and move it away"};
  };
  for (const auto& change : units.enablement) {
    if (change.action == UnitAction::mask) {
      refuse_unless_free("mask", change.unit, own_units / change.unit);
    } else if (change.action == UnitAction::enable) {
      for (const auto& path : wants_of(change.unit, machine)) {
        refuse_unless_free("enable", change.unit, path);
      }
    }
  }
}

}  // namespace timectl::plan
