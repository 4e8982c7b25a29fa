// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "apply/generations.hpp"
#include "plan/restore_plan.hpp"
#include "system/clock.hpp"
#include "system/files.hpp"
#include "target/target.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What is needed to restore a machine, on disk before the first change. Only apply includes this.
namespace timectl::apply {

inline const system::RootedPath generations_directory = state_directory / "generations";
/// Of what may hold secrets.
inline constexpr system::Ownership for_root_alone{0600, 0, 0};

/// `waiting`: everything is applied and verified, and awaits confirmation.
enum class JournalState { begun, waiting, committed, rolled_back, broken };

/// The reason in the journal of a transaction that died before its first change: there is nothing
/// to roll back.
inline constexpr std::string_view not_begun = "it had not begun";

/// A file as it was; `type` is nullopt when nothing was there.
struct OldFile {
  system::RootedPath path;
  std::optional<system::FileType> type;
  system::Ownership ownership;
  WallTime modified{};
  std::string blob;  ///< name of the file with the content (a symlink's target) beside the journal
  /// Of that content (base/checksum.hpp). "" of journals before schema 2, and of a secret: who
  /// reads the checksum could try passwords until one fits, so it stands among the contents, and
  /// once more beside the copy.
  std::string checksum;
  bool in_place = false;
  target::FileKind kind = target::FileKind::owned;
  std::vector<target::Reaction> reactions;  ///< what has to follow when it changes
  /// Of what was there and of what comes. Journals before schema 3 do not say it: its mode does.
  target::Sensitivity sensitivity = target::Sensitivity::open;
  std::optional<plan::FileAction> action = {};  ///< nullopt of journals before schema 3
};

struct Journal {
  std::string generation;
  std::string previous;  ///< the generation that was the last one then; "" for the first
  std::string started;   ///< UTC
  Who who;
  plan::Purpose purpose = plan::Purpose::provision;
  std::string profile, host, role;
  JournalState state = JournalState::begun;
  std::string reason;  ///< why it was rolled back
  /// Set before the first daemon hears of the change: until then none has to read its files again,
  /// and a needless restart would cost chrony its synchronization.
  bool reached_daemons = false;
  std::vector<OldFile> files;
  std::vector<system::RootedPath> directories;           ///< that were not there, parents first
  std::vector<plan::Directory> retired_directories;      ///< that go if they are empty, likewise
  std::vector<system::RootedPath> recovery_directories;  ///< made for the recovery unit, likewise
  std::vector<plan::FormerUnit> units;
  plan::UnitLinks links;
  std::vector<target::Reaction> reactions;
  std::string host_name;  ///< the kernel's, when the plan changes it
  std::vector<std::string> packages_added, packages_removed;
  std::optional<Confirmation> confirmation;  ///< of one that waits
  /// Of one that was rolled back: files that could not be restored because their copy is damaged.
  /// It is closed all the same; uninstall and purge need to know them.
  std::vector<system::RootedPath> lost;
  /// It stands for one that was damaged or gone (damage.hpp): of what the change did only `lost` is
  /// known, the paths that it may have changed.
  bool is_stand_in = false;
  std::string network_checkpoint;  ///< HostControl::checkpoint_network; "" for none

  system::RootedPath directory() const { return generations_directory / generation; }
};

/// Names of all generations, the newest last. They are ordered by their number: on a host whose
/// clock starts in 1970 the time in the name says little.
std::vector<std::string> generation_names(const system::FileReader& files);
/// "20261120T135304Z-007" is number 7; anything else is no generation.
std::optional<long long> generation_number(const std::string& name);
std::string next_generation(const system::FileReader& files, WallTime now);

system::RootedPath journal_path(const std::string& generation);
/// nullopt when the generation has none. Throws Error{io} naming the journal when it is damaged.
std::optional<Journal> load_journal(const system::FileReader& files, const std::string& generation);
/// The journal of `generation` that `text` is; throws as load_journal() does.
Journal parse_journal(const std::string& text, const std::string& generation);
/// Durable when it returns, and never half written.
void save_journal(system::FileStore& files, const Journal& journal);

/// The newest transaction that had begun; nullopt when there is none. Nothing new begins while one
/// is open, so older ones are closed. Throws Error{io} when its journal is damaged, or gone
/// although it was there (is_journal_lost()).
std::optional<Journal> newest_journal(const system::FileReader& files);
/// Whether the commit record names it, whatever its journal says.
bool is_committed(const system::FileReader& files, const Journal& journal);
bool is_closed(const Journal& journal);

/// What the newest journal says of its transaction; nullopt when it is another story.
std::optional<Interrupted> interrupted_by(const Journal& journal, const system::FileReader& files);
std::optional<Unconfirmed> unconfirmed_by(const Journal& journal, const system::FileReader& files);

/// Closes the journal of a transaction that died between its commit and its last note; "" when
/// there is none, else its generation.
std::string finish_committed(system::FileStore& files);

/// Makes a directory and its missing parents, each durable.
void make_directories(system::FileStore& files, const system::RootedPath& path);
/// Removes a generation. Its journal is the last file that goes, as it is the first that comes: a
/// generation that has anything else has lost it.
void remove_generation(system::FileStore& files, const std::string& generation);
/// Whether a removal was interrupted: files of the generation are missing.
bool is_being_removed(const system::FileReader& files, const std::string& generation);
/// Removes those of `directories` that are empty, children first, durably.
void remove_empty(system::FileStore& files, const std::vector<system::RootedPath>& directories);

}  // namespace timectl::apply
