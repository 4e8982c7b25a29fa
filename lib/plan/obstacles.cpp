// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "plan/parts.hpp"
#include "plan/unit_files.hpp"
#include "system/resolve.hpp"
#include "system/trust.hpp"
#include "system/unit_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

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

/// What enabling makes, by the unit files as they are going to be.
class Enabling {
 public:
  Enabling(const FilePart& changes, const system::FileReader& files)
      : changes_(changes), files_(files) {}

  std::set<std::string> enabled_with(const std::string& unit) const {
    return enabled_together(unit, [&](const std::string& name) { return links_of(name); });
  }

  system::InstallLinks links_of(const std::string& unit) const {
    for (const auto& change : changes_.changes) {
      const bool is_written = change.action != FileAction::remove;
      if (is_written && unit_of(change.path) == unit) {
        return install_links_of_text(files_, unit, change.content_after);
      }
    }
    return install_links_of(files_, unit, "");
  }

 private:
  const FilePart& changes_;
  const system::FileReader& files_;
};

/// For a shell on this host, which would follow the links of a card's out of it.
std::string shell_path(const RootedPath& path, const system::FileReader& files) {
  const auto parent = system::resolved(path.parent(), files).value_or(path.parent());
  return shell_quoted(files.host_path(parent / path.name()));
}

/// Links are made, removed and put back in real directories only: an undo that followed a link of a
/// card could leave the card, and one that does not follow it misses what systemd made behind it.
class LinkedDirectories {
 public:
  LinkedDirectories(const Enabling& enabling, const system::FileReader& files)
      : enabling_(enabling), files_(files) {
    for (const auto& name : files.list(own_units)) {
      if (system::holds_links(name) && files.read_link(own_units / name)) linked_.insert(name);
    }
  }

  void refuse(const std::vector<UnitChange>& changes) const {
    for (const auto& change : changes) {
      if (change.action == UnitAction::enable) refuse_enabling(change.unit);
      if (change.action == UnitAction::disable) refuse_disabling(change.unit);
    }
  }

 private:
  void refuse_enabling(const std::string& unit) const {
    if (linked_.empty()) return;
    for (const auto& name : enabling_.enabled_with(unit)) {
      const auto links = enabling_.links_of(name);
      for (const auto* paths : {&links.wants, &links.aliases}) {
        for (const auto& path : *paths) refuse_if_linked("enable", unit, directory_of(path));
      }
    }
  }

  void refuse_disabling(const std::string& unit) const {
    for (const auto& directory : linked_) {
      const auto end = system::resolved(own_units / directory, files_);
      for (const auto& name : enabling_.enabled_with(unit)) {
        const bool holds_link = end && files_.read_link(*end / name);
        if (holds_link) refuse_if_linked("disable", unit, directory);
      }
    }
  }

  static std::string directory_of(const std::string& path) {
    return path.substr(0, path.find('/'));
  }

  void refuse_if_linked(const char* verb, const std::string& unit, const std::string& name) const {
    if (linked_.count(name) == 0) return;
    auto target = system::resolved(own_units / name, files_);
    const auto what = target ? files_.status(*target) : std::nullopt;
    if (!what || what->type != system::FileType::directory) target.reset();
    const auto link = shell_path(own_units / name, files_);
    const auto copy = shell_path(own_units / (name + ".new"), files_);
    throw Error{
        ErrorKind::refused,
        fmt::format("cannot {} '{}': '{}' is a symbolic link, and timectl changes links of "
                    "units in real directories only",
                    verb, unit, (own_units / name).text()),
        target ? fmt::format("put the directory in its place: cp -a {} {} && rm {} && mv {} {}",
                             shell_quoted(files_.host_path(*target)), copy, link, copy, link)
               : fmt::format("put a directory in its place: rm {0} && mkdir {0}", link)};
  }

  const Enabling& enabling_;
  const system::FileReader& files_;
  std::set<std::string> linked_;  ///< names of directories that are links
};

/// systemd replaces no link under another name of the unit that leads elsewhere, and no file.
class AliasPlaces {
 public:
  AliasPlaces(const Enabling& enabling, const UnitPart& units, const FilePart& changes,
              const system::FileReader& files)
      : enabling_(enabling), units_(units), changes_(changes), files_(files) {}

  void refuse_taken(const std::string& unit) const {
    for (const auto& name : enabling_.enabled_with(unit)) {
      for (const auto& alias : enabling_.links_of(name).aliases) {
        refuse_taken(unit, name, own_units / alias);
      }
    }
  }

 private:
  void refuse_taken(const std::string& unit, const std::string& name,
                    const RootedPath& path) const {
    const auto status = files_.status(path);
    if (!status || is_changed(path, changes_) || is_unmasked(path.name())) return;
    const bool is_link = status->type == system::FileType::symlink;
    const auto end = is_link ? system::resolved(path, files_) : std::nullopt;
    if (end && end->name() == name) return;
    const auto what =
        is_link ? fmt::format("leads to '{}'", files_.read_link(path).value_or("")) : "stands";
    throw Error{ErrorKind::refused,
                fmt::format("cannot enable '{}': '{}' {} where systemd needs a link to '{}'", unit,
                            path.text(), what, name),
                is_link ? fmt::format("look at it, and remove it: rm {}", shell_path(path, files_))
                        : "look at it, and move it away"};
  }

  bool is_unmasked(const std::string& name) const {
    return std::any_of(units_.enablement.begin(), units_.enablement.end(), [&](const auto& change) {
      return change.action == UnitAction::unmask && change.unit == name;
    });
  }

  const Enabling& enabling_;
  const UnitPart& units_;
  const FilePart& changes_;
  const system::FileReader& files_;
};

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
  for (const auto& change : files.changes) system::require_roots_links(machine, change.path);
  const Enabling enabling{files, machine};
  const LinkedDirectories linked{enabling, machine};
  const AliasPlaces aliases{enabling, units, files, machine};
  linked.refuse(units.retired);
  linked.refuse(units.enablement);
  for (const auto& change : units.enablement) {
    if (change.action == UnitAction::mask) {
      refuse_unless_free("mask", change.unit, own_units / change.unit);
    } else if (change.action == UnitAction::enable) {
      for (const auto& path : wants_of(change.unit, machine)) {
        refuse_unless_free("enable", change.unit, path);
      }
      aliases.refuse_taken(change.unit);
    }
  }
}

}  // namespace timectl::plan
