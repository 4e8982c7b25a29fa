// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/files.hpp"
#include "system/packages.hpp"
#include "system/services.hpp"
#include "target/target.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

/// The difference between a Target and a machine, as the smallest ordered list of changes.
namespace timectl::plan {

/// Why a file is not as it should be.
enum class Cause {
  missing,  ///< it is not there
  update,   ///< profile, template or timectl changed since it was written
  drift,    ///< what timectl wrote was edited
  foreign,  ///< it was there before timectl
};

struct PackageChange {
  std::vector<std::string> install;
  std::vector<std::string> remove;   ///< what installing them removes
  std::vector<std::string> kept_in;  ///< below the root, with the .debs: then nothing is fetched
};

enum class FileAction { create, modify, remove };

/// Carries what is there now and what is to be there, so that applying needs nothing else.
struct FileChange {
  system::RootedPath path;
  FileAction action = FileAction::create;
  Cause cause = Cause::missing;
  std::optional<system::FileStatus> before;  ///< nullopt: nothing is there
  std::string content_before;                ///< of a regular file; a symlink's target
  system::FileType type_after = system::FileType::regular;
  std::string content_after;  ///< of the whole file, also for a block; a symlink's target
  system::Ownership ownership_after;
  bool in_place = false;  ///< VFAT: written from the first differing byte on
  std::string why;
  target::FileKind kind = target::FileKind::owned;
  std::vector<target::Reaction> reactions;  ///< what has to follow whenever this file changes
  std::optional<WallTime> modified_after;   ///< a file that comes back brings its old time
  std::optional<system::RootedPath> kept_at = {};  ///< and the extended attributes it has there
  target::Sensitivity sensitivity = target::Sensitivity::open;  ///< of either content
};

enum class UnitAction { enable, disable, mask, unmask, start, stop };

struct UnitChange {
  std::string unit;
  UnitAction action = UnitAction::start;
  std::string why;
};

/// A reaction to the changes before it ("restart chrony.service because … changed").
struct ReactionChange {
  target::Reaction reaction;
  std::string why;
};

using Change = std::variant<PackageChange, FileChange, UnitChange, ReactionChange>;

/// A file that timectl answers for once the plan is carried out.
struct ManagedFile {
  system::RootedPath path;
  target::FileKind kind = target::FileKind::owned;
  /// As ManagedFiles::last_written has it; nullopt: not every user may know it, and this one does
  /// not, or the copy that root has is lost.
  std::optional<std::string> content;
  std::uint32_t mode = 0644;
  bool in_place = false;
  std::vector<target::Reaction> reactions;  ///< what has to follow when it goes
  target::Sensitivity sensitivity = target::Sensitivity::open;
};

/// What a plan is for. A rollback is a plan as well.
enum class Purpose { provision, rollback, uninstall };

/// A link that enables, masks or names a unit.
struct UnitLink {
  system::RootedPath path;
  std::string target;
};

struct Directory {
  system::RootedPath path;
  system::Ownership ownership;
};

/// How some units were enabled, link by link: enabling again makes links of systemd's own taste.
struct UnitLinks {
  std::set<std::string> units;         ///< whose links these are
  std::vector<UnitLink> links;         ///< all that they have
  std::vector<Directory> directories;  ///< all that systemd keeps links in
};

struct Plan {
  Purpose purpose = Purpose::provision;
  std::string returns_to;  ///< of a rollback: the generation whose state it goes back to, or ""
  std::string profile;
  std::string host;
  std::string role;
  std::vector<Change> changes;       ///< in the order they are to be carried out
  std::vector<ManagedFile> managed;  ///< changed or not: what the next plan compares with
  std::vector<std::string> notes;
  std::vector<target::Conflict> conflicts;  ///< with any of them it may not be carried out
  bool needs_reboot = false;  ///< the reactions of a changed file ask for it; notes say which
  UnitLinks links;            ///< to be made exactly so after the changes; no units: none are
  std::vector<system::RootedPath> directories;  ///< that go once they are empty, parents first
  /// What an uninstall leaves, edited or without a whole copy: what was there before stays known.
  std::vector<system::RootedPath> left_behind;
  std::vector<system::RootedPath> lost;  ///< of these the ones without a whole copy
  /// Files that this user may not read. They were not compared, so nothing may be applied.
  std::vector<system::RootedPath> unread;

  bool empty() const { return changes.empty(); }
};

/// Its change of packages; nullptr without one. A plan has one at most.
const PackageChange* packages_of(const Plan& plan);

/// What the last committed generation wrote, for telling drift from an update.
class ManagedFiles {
 public:
  virtual ~ManagedFiles() = default;
  /// The content timectl last wrote to `path` (for a block: the block's lines); nullopt when it
  /// never did, or it is not known (ManagedFile::content).
  virtual std::optional<std::string> last_written(const system::RootedPath& path) const = 0;
  /// Every path timectl has written and not removed since.
  virtual std::vector<system::RootedPath> paths() const = 0;
  /// All that is known of one of them.
  virtual std::optional<ManagedFile> record(const system::RootedPath& path) const = 0;
};

struct Machine {
  const system::FileReader& files;
  const system::ServiceReader& services;
  const system::PackageReader& packages;
};

/// Compares. Files that an earlier generation wrote and the target no longer has are removed
/// (owned) or lose their block. Throws Error{refused} when something stands where a file must be
/// and may not be replaced: a directory, a FIFO, a symlink in place of a file that is not ours.
/// PackageChange::remove stays empty: only apt knows, see Packages::simulate_install. While
/// packages are missing the rest is a forecast (their units, groups and files are not there yet):
/// plan again once they are installed. Where no service manager runs only files and enablement are
/// planned. A file that may not be read is left out (Plan::unread), and a note says so.
Plan make_plan(const target::Target& target, const Machine& machine, const ManagedFiles& managed);

/// A unified diff of a file change with three lines of context, empty for equal contents; of a
/// secret file its names alone.
std::string unified_diff(const FileChange& change);

}  // namespace timectl::plan
