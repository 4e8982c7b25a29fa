// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/links.hpp"

#include "apply/checked.hpp"
#include "apply/past.hpp"
#include "base/error.hpp"
#include "plan/unit_files.hpp"
#include "system/unit_files.hpp"
#include "system/unit_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace timectl::apply {

using system::FileType;
using system::RootedPath;

namespace {

const RootedPath unit_directory{"/etc/systemd/system"};

bool outlives_boot(const RootedPath& path) { return !path.text().starts_with("/run/"); }

/// foo.target.wants and the like.
std::vector<RootedPath> link_directories(const system::FileReader& files) {
  std::vector<RootedPath> directories;
  for (const auto place : system::link_places) {
    for (const auto& name : files.list(RootedPath{place})) {
      const auto path = RootedPath{place} / name;
      const auto status = is_link_directory(path) ? files.status(path) : std::nullopt;
      if (status && status->type == FileType::directory) directories.push_back(path);
    }
  }
  return directories;
}

bool is_of(const std::set<std::string>& units, const plan::UnitLink& link) {
  return units.count(link.path.name()) != 0 ||
         units.count(link.target.substr(link.target.rfind('/') + 1)) != 0;
}

std::vector<plan::UnitLink> links_of(const std::set<std::string>& units,
                                     const system::FileReader& files) {
  auto directories = link_directories(files);
  for (const auto place : system::link_places) directories.emplace_back(place);
  std::vector<plan::UnitLink> links;
  for (const auto& directory : directories) {
    for (const auto& name : files.list(directory)) {
      // systemd reads no link of another name.
      const auto target =
          system::is_unit_name(name) ? files.read_link(directory / name) : std::nullopt;
      if (!target) continue;
      const plan::UnitLink link{directory / name, *target};
      if (is_of(units, link)) links.push_back(link);
    }
  }
  return links;
}

bool contains(const std::vector<plan::UnitLink>& links, const RootedPath& path) {
  return std::any_of(links.begin(), links.end(),
                     [&](const plan::UnitLink& link) { return link.path == path; });
}

void restore_directories(const plan::UnitLinks& links, system::FileStore& files) {
  for (const auto& old : links.directories) {
    const auto now = files.status(old.path);
    // At a boot those of /run went with their links.
    if (!now && !outlives_boot(old.path)) continue;
    if (!now) {
      files.make_directory(old.path, without_special_bits(old.ownership));
      continue;
    }
    auto wanted = without_special_bits(old.ownership);
    wanted.mode |= now->ownership.mode & 07000U;  // what the directory has of them stays
    if (now->type == FileType::directory && now->ownership != wanted) {
      files.set_ownership(old.path, wanted);
    }
  }
}

/// Not staged: a process that is killed between staging and renaming leaves the staged link behind,
/// and the undo does not know it, because its journal has only the links from before the change.
/// systemd reads the links at a daemon-reload only, so the short gap does no harm.
void restore_link(const plan::UnitLink& link, system::FileStore& files) {
  make_directories(files, link.path.parent());
  files.discard_staged(link.path);  // an earlier timectl's
  if (files.read_link(link.path) == link.target) return;
  const auto now = files.status(link.path);
  if (now && now->type != FileType::symlink) {
    throw Error{ErrorKind::refused,
                fmt::format("cannot make the link '{}' again: something else is there now",
                            link.path.text())};
  }
  files.remove(link.path);
  files.make_link(link.path, link.target);
}

/// Directories that systemd made for links and that hold none.
void remove_new_directories(const plan::UnitLinks& links, system::FileStore& files) {
  for (const auto& path : link_directories(files)) {
    const bool is_old = std::any_of(links.directories.begin(), links.directories.end(),
                                    [&](const plan::Directory& old) { return old.path == path; });
    if (!is_old) files.remove_directory_if_empty(path);
  }
}

}  // namespace

void capture_links(const std::string& unit, const system::ServiceReader& services,
                   const system::FileReader& files, Journal& journal) {
  if (journal.links.units.empty()) {
    for (const auto& path : link_directories(files)) {
      journal.links.directories.push_back({path, files.status(path)->ownership});
    }
  }
  std::set<std::string> fresh;
  const auto links_of_unit = [&](const std::string& name) {
    return plan::install_links_of(files, name, services.state(name).fragment_path);
  };
  for (const auto& name : plan::enabled_together(unit, links_of_unit)) {
    if (journal.links.units.insert(name).second) fresh.insert(name);
  }
  for (auto& link : links_of(fresh, files)) {
    if (!contains(journal.links.links, link.path)) journal.links.links.push_back(std::move(link));
  }
}

bool has_link(const plan::UnitLinks& links, const std::string& unit) {
  return std::any_of(links.links.begin(), links.links.end(), [&](const plan::UnitLink& link) {
    const auto parent = link.path.parent().text();
    return link.path.name() == unit &&
           std::find(system::link_places.begin(), system::link_places.end(), parent) !=
               system::link_places.end();
  });
}

void add_links(const plan::UnitLinks& newer, plan::UnitLinks& links) {
  if (links.units.empty()) links.directories = newer.directories;
  std::set<std::string> fresh;
  for (const auto& unit : newer.units) {
    if (links.units.insert(unit).second) fresh.insert(unit);
  }
  for (const auto& link : newer.links) {
    if (is_of(fresh, link) && !contains(links.links, link.path)) links.links.push_back(link);
  }
}

void restore_links(const plan::UnitLinks& links, system::FileStore& files) {
  if (links.units.empty()) return;
  for (const auto& now : links_of(links.units, files)) {
    if (!contains(links.links, now.path)) files.remove(now.path);
  }
  restore_directories(links, files);
  for (const auto& link : links.links) restore_link(link, files);
  remove_new_directories(links, files);
  sync_links(files);
}

std::vector<RootedPath> find_other_links(const plan::UnitLinks& links,
                                         const system::FileReader& files) {
  std::set<RootedPath> paths;
  for (const auto& now : links_of(links.units, files)) {
    if (!contains(links.links, now.path)) paths.insert(now.path);
  }
  for (const auto& old : links.links) {
    const auto target = files.read_link(old.path);
    const bool is_gone_with_boot = !target && !outlives_boot(old.path);
    if (target != old.target && !is_gone_with_boot) paths.insert(old.path);
  }
  return {paths.begin(), paths.end()};
}

void sync_links(system::FileStore& files) {
  if (!files.status(unit_directory)) return;
  for (const auto& path : link_directories(files)) {
    if (outlives_boot(path)) files.sync_directory(path);
  }
  files.sync_directory(unit_directory);
}

}  // namespace timectl::apply
