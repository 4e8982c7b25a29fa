// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/offline_links.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "system/install_links.hpp"
#include "system/resolve.hpp"
#include "system/unit_files.hpp"
#include "system/unit_name.hpp"

#include <fmt/format.h>

#include <optional>
#include <vector>

namespace timectl::system::os {

namespace {

const RootedPath base{link_places.front()};
const RootedPath null_device{"/dev/null"};
constexpr Ownership for_directories{0755, 0, 0};
/// Of unit directories one holds links; what lies deeper is nothing that systemd reads.
constexpr int deepest = 8;

}  // namespace

void OfflineLinks::enable(const std::string& unit) {
  what_ = fmt::format("enable '{}' below '{}'", unit, root_);
  require_unit_name(unit, what_);
  std::set<std::string> seen;
  Links wanted;
  unusable_.clear();
  collect(unit, Part::asked_for, seen, wanted);
  if (wanted.empty() && !unusable_.empty()) refuse(unusable_.front());
  std::erase_if(wanted, [&](const auto& each) { return !is_needed(each.first, each.second); });
  for (const auto& [path, link] : wanted) make(path, link);
}

void OfflineLinks::collect(const std::string& unit, Part part, std::set<std::string>& seen,
                           Links& links) {
  const auto found = units_.find(unit);
  // systemd only warns when what Also= names is not there or masked.
  if (part == Part::auxiliary && (!found || found->fragment.is_masked)) return;
  if (!found) {
    throw Error{ErrorKind::missing, fmt::format("cannot {}: there is no such unit", what_)};
  }
  if (found->fragment.is_masked) {
    refuse(fmt::format("it is masked by '{}'", found->fragment.path.text()),
           removal_of(found->fragment.path));
  }
  if (!seen.insert(found->name).second) return;
  const auto& path = found->fragment.path;
  const auto target = files_.read_link(path) ? resolved(path, files_).value_or(path) : path;
  const auto wanted = install_links(found->name, units_.install_section_of(*found));
  if (!wanted.malformed.empty()) {
    if (part == Part::auxiliary) return;
    refuse(fmt::format("Also= names '{}'", wanted.malformed.front()));
  }
  unusable_.insert(unusable_.end(), wanted.unusable.begin(), wanted.unusable.end());
  for (const auto& each : wanted.aliases) links.emplace(base / each, Link{target.text(), false});
  for (const auto& each : wanted.wants) links.emplace(base / each, Link{target.text(), true});
  for (const auto& name : wanted.also) collect(name, Part::auxiliary, seen, links);
}

bool OfflineLinks::is_needed(const RootedPath& path, const Link& link) const {
  check_directory(path.parent());
  const auto status = files_.status(path);
  if (!status) return true;
  if (status->type != FileType::symlink) {
    refuse(fmt::format("'{}' is in the way, which is no link", path.text()), removal_of(path));
  }
  const auto now = files_.read_link(path).value_or("");
  const bool is_same =
      now == link.target || resolved(path, files_) == resolved(RootedPath{link.target}, files_);
  if (!is_same && !link.may_replace) {
    refuse(fmt::format("'{}' leads to '{}' already", path.text(), now), removal_of(path));
  }
  return !is_same;
}

/// A link in place of x.wants is refused, although it would lead to a place below the root: an undo
/// knows the links of real directories only.
void OfflineLinks::check_directory(const RootedPath& path) const {
  const auto status = files_.status(path);
  if (path == base || !status || status->type == FileType::directory) return;
  const auto* what = status->type == FileType::symlink ? "is a link" : "is no directory";
  refuse(fmt::format("'{}' {}", path.text(), what), removal_of(path));
}

void OfflineLinks::make(const RootedPath& path, const Link& link) {
  std::vector<RootedPath> missing;
  for (auto above = path.parent(); !files_.status(above); above = above.parent()) {
    missing.push_back(above);
  }
  for (auto directory = missing.rbegin(); directory != missing.rend(); ++directory) {
    files_.make_directory(*directory, for_directories);
    files_.sync_directory(directory->parent());
  }
  // Not staged: a process that is killed in between would leave the staged link behind.
  files_.remove(path);
  files_.make_link(path, link.target);
}

void OfflineLinks::disable(const std::string& unit) {
  what_ = fmt::format("disable '{}' below '{}'", unit, root_);
  require_unit_name(unit, what_);
  std::set<std::string> names;
  add_names(unit, names);
  for (const auto& name : files_.list(base)) {
    const auto directory = base / name;
    const auto status = files_.status(directory);
    if (!holds_links(name) || !status || status->type != FileType::symlink) continue;
    for (const auto& each : names) {
      if (files_.read_link(directory / each)) check_directory(directory);
    }
  }
  std::set<RootedPath> gone;
  // A link that leads to one that is gone goes in the next round.
  while (remove_links(base, names, gone, 0)) {
  }
}

void OfflineLinks::add_names(const std::string& unit, std::set<std::string>& names) const {
  const auto found = units_.find(unit);
  if (found && found->fragment.is_masked) return;
  if (!names.insert(found ? found->name : unit).second || !found) return;
  const auto install = install_links(found->name, units_.install_section_of(*found));
  for (const auto& name : install.also) add_names(name, names);
}

bool OfflineLinks::remove_links(const RootedPath& directory, const std::set<std::string>& names,
                                std::set<RootedPath>& gone, int depth) {
  bool removed = false;
  for (const auto& name : files_.list(directory)) {
    const auto path = directory / name;
    const auto status = files_.status(path);
    if (status && status->type == FileType::directory && depth < deepest) {
      removed |= remove_links(path, names, gone, depth + 1);
    }
    const bool is_link = status && status->type == FileType::symlink && is_unit_name(name);
    if (!is_link || !leads_to(path, names, gone)) continue;
    files_.remove(path);
    gone.insert(path);
    removed = true;
  }
  const bool is_own = directory == base;
  if (removed && !is_own) files_.remove_directory_if_empty(directory);
  return removed;
}

bool OfflineLinks::leads_to(const RootedPath& link, const std::set<std::string>& names,
                            const std::set<RootedPath>& gone) const {
  const auto name = link.name();
  if (names.count(name) != 0 || names.count(template_of(name)) != 0) return true;
  const auto end = resolved(link, files_);
  return end && (names.count(end->name()) != 0 || gone.count(*end) != 0);
}

void OfflineLinks::mask(const std::string& unit) {
  what_ = fmt::format("mask '{}' below '{}'", unit, root_);
  require_unit_name(unit, what_);
  const auto path = base / unit;
  const Link to_nothing{null_device.text(), false};
  if (is_needed(path, to_nothing)) make(path, to_nothing);
}

void OfflineLinks::unmask(const std::string& unit) {
  what_ = fmt::format("unmask '{}' below '{}'", unit, root_);
  require_unit_name(unit, what_);
  if (is_mask(base / unit)) files_.remove(base / unit);
}

/// A link to /dev/null, or an empty file.
bool OfflineLinks::is_mask(const RootedPath& path) const {
  const auto status = files_.status(path);
  if (!status) return false;
  if (status->type == FileType::regular) return status->size == 0;
  return status->type == FileType::symlink && resolved(path, files_) == null_device;
}

void OfflineLinks::refuse(const std::string& reason, const std::string& hint) const {
  throw Error{ErrorKind::refused, fmt::format("cannot {}: {}", what_, reason), hint};
}

/// For a shell on this host, which would follow links of the root's out of it: by the way that has
/// none.
std::string OfflineLinks::removal_of(const RootedPath& path) const {
  const auto parent = resolved(path.parent(), files_);
  if (!parent) return {};
  const auto status = files_.status(path);
  const bool is_directory = status && status->type == FileType::directory;
  return fmt::format("rm {}{}", is_directory ? "-r " : "",
                     shell_quoted((root_ == "/" ? "" : root_) + (*parent / path.name()).text()));
}

}  // namespace timectl::system::os
