// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "plan/restore_plan.hpp"

#include "base/text.hpp"
#include "plan/block.hpp"
#include "plan/parts.hpp"
#include "plan/secret.hpp"
#include "plan/unit_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace timectl::plan {

using system::FileType;
using target::FileKind;
using target::ReactionKind;
using target::Sensitivity;

namespace {

bool is_shared(const FormerFile& file) { return file.kind == FileKind::block; }

/// VFAT has no owners, a symlink's say nothing, and a shared file keeps its owner.
bool has_ownership(const FormerFile& file, const FileState& state) {
  return !is_shared(file) && !file.in_place && state.type == FileType::regular;
}

bool is_content(const Current& now, const std::optional<FileState>& state) {
  if (!now.status || !state) return !now.status && !state;
  return now.status->type == state->type && now.content == state->content;
}

bool is_back(const FormerFile& file, const Current& now) {
  if (!is_content(now, file.old)) return false;
  return !file.old || !has_ownership(file, *file.old) ||
         now.status->ownership == file.old->ownership;
}

bool is_as_left(const FormerFile& file, const Current& now) {
  if (!is_content(now, file.left)) return false;
  return !file.left || !has_ownership(file, *file.left) ||
         now.status->ownership.mode == file.left->ownership.mode;
}

std::optional<std::string> block_of(const std::optional<FileState>& state) {
  return state ? find_block(state->content) : std::nullopt;
}

/// The lines of others as they are now, timectl's as they were then.
std::string merged(const FormerFile& file, const Current& now) {
  const auto lines = block_of(file.old);
  return lines ? with_block(now.content, *lines) : without_block(now.content);
}

class FileReturn {
 public:
  FileReturn(const RollbackState& state, const system::FileReader& files, Edits edits)
      : state_(state), files_(files), edits_(edits) {}

  void handle(const FormerFile& file) {
    const auto now = read_current(files_, file.path);
    if (!file.damage.empty()) return give_up(file, now);
    if (is_back(file, now)) return;
    if (is_as_left(file, now) || is_mask_of_ours(file, now)) {
      return add(file, now, Cause::update, file.old);
    }
    const bool can_merge = is_shared(file) && now.is(FileType::regular);
    if (can_merge && merged(file, now) == now.content) return;
    const bool is_ours_untouched = can_merge && find_block(now.content) == block_of(file.left);
    if (!is_ours_untouched) edited.push_back(file.path);
    const bool can_go = !now.is(FileType::directory) && !now.is(FileType::other);
    if (!is_ours_untouched && (edits_ == Edits::keep || !can_go)) {
      return left_behind.push_back(file.path);
    }
    const auto cause = is_ours_untouched ? Cause::update : Cause::drift;
    add(file, now, cause, can_merge ? merge(file, now) : file.old);
  }

  FilePart part;
  std::vector<system::RootedPath> edited;
  std::vector<system::RootedPath> left_behind;
  std::vector<std::string> lost;
  std::vector<system::RootedPath> lost_paths;

 private:
  /// A shared file is rid of timectl's lines all the same; what the user wrote since is the user's.
  void give_up(const FormerFile& file, const Current& now) {
    const bool is_free = is_shared(file) && now.is(FileType::regular);
    if (is_free) {
      const auto content = without_block(now.content);
      if (content == now.content) return;
      lost.push_back(fmt::format("cannot restore '{}': {}; timectl's lines are taken out of it",
                                 file.path.text(), file.damage));
      return add(file, now, Cause::update,
                 FileState{FileType::regular, now.status->ownership, {}, content});
    }
    const bool is_edited = !is_as_left(file, now);
    if (is_edited) edited.push_back(file.path);
    left_behind.push_back(file.path);
    // Kept, as was asked for; only what was to come back and cannot is lost.
    if (is_edited && edits_ == Edits::keep) return;
    lost_paths.push_back(file.path);
    lost.push_back(
        fmt::format("cannot restore '{}': {}; it stays as it is", file.path.text(), file.damage));
  }

  /// A mask in place of a unit file that timectl made is no edit: there is nothing in it to keep.
  bool is_mask_of_ours(const FormerFile& file, const Current& now) const {
    return file.kind == FileKind::owned && now.is(FileType::symlink) &&
           !unit_of(file.path).empty() && is_mask(files_, file.path);
  }

  static std::optional<FileState> merge(const FormerFile& file, const Current& now) {
    auto content = merged(file, now);
    if (content.empty() && !file.old) return std::nullopt;
    if (file.old && content == file.old->content) return file.old;
    return FileState{FileType::regular, now.status->ownership, {}, std::move(content)};
  }

  void add(const FormerFile& file, const Current& now, Cause cause,
           const std::optional<FileState>& wanted) {
    if (is_content(now, wanted) && !wanted) return;
    auto change = begin_change(file.path, now, state_.why);
    change.action =
        !wanted ? FileAction::remove : (now.status ? FileAction::modify : FileAction::create);
    change.cause = cause;
    change.in_place = file.in_place;
    change.kind = file.kind;
    change.reactions = file.reactions;
    const bool is_own = file.kind == FileKind::owned && is_as_left(file, now);
    change.sensitivity =
        std::max(file.sensitivity, is_own ? Sensitivity::open : sensitivity_of(now.status));
    if (wanted) fill_after(change, file, *wanted);
    add_change(part, std::move(change));
  }

  static void fill_after(FileChange& change, const FormerFile& file, const FileState& wanted) {
    change.type_after = wanted.type;
    change.content_after = wanted.content;
    const bool keeps_ownership = change.before && (is_shared(file) || file.in_place);
    change.ownership_after = keeps_ownership ? change.before->ownership : wanted.ownership;
    change.modified_after = wanted.modified;
    if (!keeps_ownership && wanted.type == FileType::regular) change.kept_at = wanted.kept_at;
  }

  const RollbackState& state_;
  const system::FileReader& files_;
  Edits edits_;
};

/// A restart would start what was stopped; what has to run again is started by name.
void restart_only_what_runs(const RollbackState& state, FilePart& part) {
  for (auto& reaction : part.reactions) {
    if (reaction.kind == ReactionKind::restart) reaction.kind = ReactionKind::try_restart;
    const bool renames = reaction.kind == ReactionKind::set_host_name;
    if (renames && !state.host_name.empty()) reaction.subject = state.host_name;
  }
}

class UnitReturn {
 public:
  UnitReturn(const RollbackState& state, const FilePart& files,
             const system::ServiceReader& services, Packages packages)
      : why_(state.why), files_(files), services_(services), packages_(packages) {}

  void handle(const FormerUnit& old) {
    const auto now = services_.state(old.name);
    retire(old, now);
    bring_back(old, now);
  }

  /// A unit that no change started by name, but that runs by a file that goes: its timer would
  /// start nothing.
  void stop_without_file(const std::string& unit) {
    if (services_.is_running() && services_.state(unit).is_active()) {
      part.retired.push_back({unit, UnitAction::stop, why_});
    }
  }

  UnitPart part;

 private:
  void retire(const FormerUnit& old, const system::UnitState& now) {
    if (services_.is_running() && now.is_active() && !old.active) {
      part.retired.push_back({old.name, UnitAction::stop, why_});
    }
    // A mask hides how the unit is enabled, and leaves that alone.
    if (now.is_enabled() && !old.enabled && !old.masked) {
      part.retired.push_back({old.name, UnitAction::disable, why_});
    }
  }

  void bring_back(const FormerUnit& old, const system::UnitState& now) {
    const auto add = [&](std::vector<UnitChange>& changes, UnitAction action) {
      changes.push_back({old.name, action, why_});
    };
    const bool has_unit =
        old.existed && will_exist(old.name, now) && !brings_mask(files_, old.name);
    const bool starts = has_unit && services_.is_running() && old.active && !now.is_active();
    // What ran although it was masked is started before it is masked again.
    const bool must_run = starts || (now.is_active() && old.active && reads_again(old.name));
    const bool unmasks = now.is_masked() && (!old.masked || must_run);
    if (unmasks) add(part.enablement, UnitAction::unmask);
    if (has_unit && old.enabled && !now.is_enabled()) add(part.enablement, UnitAction::enable);
    if (starts) add(part.starts, UnitAction::start);
    const bool masks = old.masked && (!now.is_masked() || unmasks);
    if (masks && !brings_mask(files_, old.name)) add(part.masks, UnitAction::mask);
  }

  bool reads_again(const std::string& unit) const {
    return std::any_of(files_.reactions.begin(), files_.reactions.end(), [&](const auto& reaction) {
      return reaction.kind == ReactionKind::try_restart && reaction.subject == unit;
    });
  }

  bool will_exist(const std::string& unit, const system::UnitState& now) const {
    if (now.exists() || packages_ == Packages::pending) return true;
    return std::any_of(files_.changes.begin(), files_.changes.end(), [&](const auto& change) {
      return change.action != FileAction::remove && unit_of(change.path) == unit;
    });
  }

  const std::string& why_;
  const FilePart& files_;
  const system::ServiceReader& services_;
  Packages packages_;
};

PackageChange plan_packages(const RollbackState& state, const system::PackageReader& packages,
                            std::vector<std::string>& notes) {
  PackageChange change;
  if (state.packages_removed.empty() && state.packages_added.empty()) return change;
  const auto installed = packages.installed();
  const auto is_here = [&](const std::string& name) { return installed.count(name) != 0; };
  for (const auto& name : state.packages_removed) {
    if (!is_here(name)) change.install.push_back(name);
  }
  std::vector<std::string> staying;
  for (const auto& name : state.packages_added) {
    if (is_here(name)) staying.push_back(name);
  }
  if (!change.install.empty()) {
    change.kept_in = state.kept_in;
    // What came when these went is what excludes them.
    change.remove = std::move(staying);
  } else if (!staying.empty()) {
    notes.push_back(
        fmt::format("packages that timectl brought stay installed: {}", join(staying, ", ")));
  }
  return change;
}

/// What a user put in the place of a link stays, because there is no copy of it.
void leave_what_is_no_link(const system::FileReader& files, FileReturn& part, UnitLinks& links) {
  std::erase_if(links.links, [&](const UnitLink& link) {
    const auto now = files.status(link.path);
    const bool goes =
        std::any_of(part.part.changes.begin(), part.part.changes.end(),
                    [&](const FileChange& change) { return change.path == link.path; });
    if (!now || now->type == FileType::symlink || goes) return false;
    part.edited.push_back(link.path);
    part.left_behind.push_back(link.path);
    return true;
  });
}

}  // namespace

RestorePlan plan_restore(const RollbackState& state, const Machine& machine, Edits edits) {
  RestorePlan back;
  auto& plan = back.plan;
  plan.purpose = state.purpose;
  plan.returns_to = state.returns_to;
  plan.profile = state.profile;
  plan.host = state.host;
  plan.role = state.role;
  plan.managed = state.managed;
  plan.links = state.links;
  plan.directories = state.directories;
  const auto package_change = plan_packages(state, machine.packages, plan.notes);
  const auto packages = package_change.install.empty() ? Packages::complete : Packages::pending;
  if (packages == Packages::pending) plan.changes.emplace_back(package_change);

  FileReturn files{state, machine.files, edits};
  for (const auto& file : state.files) files.handle(file);
  leave_what_is_no_link(machine.files, files, plan.links);
  restart_only_what_runs(state, files.part);
  UnitReturn units{state, files.part, machine.services, packages};
  std::set<std::string> known;
  for (const auto& unit : state.units) {
    known.insert(unit.name);
    units.handle(unit);
  }
  for (const auto& change : files.part.changes) {
    const auto unit = change.action == FileAction::remove ? unit_of(change.path) : "";
    if (!unit.empty() && known.count(unit) == 0) units.stop_without_file(unit);
  }
  refuse_obstacles(units.part, files.part, machine.files);
  const auto reactions = plan_reactions(files.part, units.part, machine.services, packages);
  append_steps(plan, files.part, units.part, reactions);
  back.edited = std::move(files.edited);
  back.lost = std::move(files.lost);
  back.lost.insert(back.lost.end(), state.unknown.begin(), state.unknown.end());
  plan.left_behind = std::move(files.left_behind);
  plan.lost = std::move(files.lost_paths);
  return back;
}

}  // namespace timectl::plan
