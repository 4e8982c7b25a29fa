// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "apply/generations.hpp"
#include "render/target.hpp"
#include "system/clock.hpp"
#include "system/files.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

/// What is needed to restore a machine, on disk before the first change. Only apply includes this.
namespace timectl::apply {

inline const system::RootedPath generations_directory = state_directory / "generations";
/// The commit record: a transaction counts as done from the moment this file names it.
inline const system::RootedPath commit_record = state_directory / "current.json";

enum class JournalState { begun, committed, undone, broken };

/// A file as it was; `type` is nullopt when nothing was there.
struct OldFile {
  system::RootedPath path;
  std::optional<system::FileType> type;
  system::Ownership ownership;
  WallTime modified{};
  std::string blob;  ///< name of the file with the content (a symlink's target) beside the journal
  bool in_place = false;
};

struct OldUnit {
  std::string name;
  bool existed = false;
  bool enabled = false;
  bool masked = false;
  bool active = false;
};

/// A link that enables, masks or names a unit.
struct OldLink {
  system::RootedPath path;
  std::string target;
};

struct OldDirectory {
  system::RootedPath path;
  system::Ownership ownership;
};

struct Journal {
  std::string generation;
  std::string started;  ///< UTC
  std::string profile, host, role;
  JournalState state = JournalState::begun;
  std::string reason;  ///< why it was undone
  /// Set before the first daemon hears of the change: until then none has to read its files again,
  /// and a needless restart would cost chrony its synchronisation.
  bool reached_daemons = false;
  std::vector<OldFile> files;
  std::vector<system::RootedPath> directories;  ///< that were not there, parents first
  std::vector<OldUnit> units;
  std::set<std::string> link_units;  ///< whose links are in `links`
  std::vector<OldLink> links;
  std::vector<OldDirectory> link_directories;  ///< all that systemd keeps links in
  std::vector<render::Reaction> reactions;
  std::string host_name;  ///< the kernel's, when the plan changes it
  std::vector<std::string> packages_added, packages_removed;

  system::RootedPath directory() const { return generations_directory / generation; }
};

/// Names of all generations, the newest last. They are ordered by their number: on a host whose
/// clock starts in 1970 the time in the name says little.
std::vector<std::string> generation_names(const system::FileReader& files);
std::string next_generation(const system::FileReader& files, WallTime now);

/// nullopt when the generation has none: it died before it had begun. Throws Error{io} naming the
/// journal when it is damaged.
std::optional<Journal> load_journal(const system::FileReader& files, const std::string& generation);
/// Durable when it returns, and never half written.
void save_journal(system::FileStore& files, const Journal& journal);

/// The document that becomes the commit record.
std::string make_record(const plan::Plan& plan, const std::string& generation);
/// Who may read it: everybody, unless it holds what not everybody may read.
system::Ownership record_ownership(const plan::Plan& plan);

/// Closes the journal of a transaction that died between its commit and its last note; "" when
/// there is none, else its generation.
std::string finish_committed(system::FileStore& files);

/// Makes a directory and its missing parents, each durable.
void make_directories(system::FileStore& files, const system::RootedPath& path);
/// Removes a generation, its journal first: without one it was never there.
void remove_generation(system::FileStore& files, const std::string& generation);
/// Keeps the newest ten.
void prune_generations(system::FileStore& files);

}  // namespace timectl::apply
