// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "plan/plan.hpp"

#include <optional>
#include <string>
#include <vector>

/// A restore plan: an earlier state against the machine as it is.
namespace timectl::plan {

/// What stands at a path; a symlink's content is its target.
struct FileState {
  system::FileType type = system::FileType::regular;
  system::Ownership ownership;
  std::optional<WallTime> modified;  ///< nullopt: that of the moment it is written
  std::string content;
  std::optional<system::RootedPath> kept_at = {};  ///< where it lies with its extended attributes
};

/// A file as it was.
struct FormerFile {
  system::RootedPath path;
  target::FileKind kind = target::FileKind::owned;
  bool in_place = false;
  std::optional<FileState> old;   ///< what is to be restored; nullopt: nothing was there
  std::optional<FileState> left;  ///< what timectl left there: other content was edited
  std::vector<target::Reaction> reactions;
  /// Why nothing is known of `old`, "its copy … is damaged"; "" otherwise. The file stays then.
  std::string damage = {};
  target::Sensitivity sensitivity = target::Sensitivity::open;  ///< of either content
};

/// A unit as it was.
struct FormerUnit {
  std::string name;
  bool existed = false;
  bool enabled = false;
  bool masked = false;
  bool active = false;
};

/// A state to go back to.
struct RollbackState {
  Purpose purpose = Purpose::rollback;
  std::string returns_to;
  std::string profile, host, role;
  std::string why;  ///< half a sentence: "as it was before 20261120T135304Z-007"
  std::vector<FormerFile> files;
  std::vector<FormerUnit> units;
  UnitLinks links;
  std::vector<system::RootedPath> directories;  ///< that were made since, parents first
  std::vector<std::string> packages_removed;    ///< since; their .debs are in `kept_in`
  std::vector<std::string> packages_added;      ///< since
  std::vector<std::string> kept_in;
  std::string host_name;             ///< the kernel's; "" when it never changed
  std::vector<std::string> unknown;  ///< what was lost of this state besides files, a sentence each
  std::vector<ManagedFile> managed;  ///< what timectl answers for in that state
};

/// What becomes of a file that was edited since timectl wrote it. In a file that holds only a block
/// of timectl, the other lines count as no edit: they stay in any case.
enum class Edits {
  keep,     ///< it stays as it is
  replace,  ///< it goes back too; what was written stays in the new generation
};

struct RestorePlan {
  Plan plan;
  std::vector<system::RootedPath> edited;  ///< kept or replaced, as was asked for
  std::vector<std::string> lost;  ///< what cannot come back, a sentence each: its copy is damaged,
                                  ///< or nothing is known of it
};

/// What is so already is left alone. Packages that were added stay, and a note says so. Throws what
/// reading the machine throws.
RestorePlan plan_restore(const RollbackState& state, const Machine& machine, Edits edits);

}  // namespace timectl::plan
