// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "apply/generations.hpp"
#include "plan/restore_plan.hpp"
#include "system/files.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

/// What timectl did to a machine, and the states it can go back to. All of it throws Error{io}
/// naming the file when a document is damaged.
namespace timectl::apply {

enum class Verdict {
  in_progress,  ///< or interrupted, which the lock shows
  waiting,      ///< to be confirmed
  committed,
  rolled_back,
  broken,  ///< it could not be rolled back wholly
};

struct FileStep {
  system::RootedPath path;
  plan::FileAction action = plan::FileAction::modify;
  bool is_action_known = true;  ///< false for a user who may not read what would say it
};

/// A transaction, for people.
struct Generation {
  std::string name;
  std::string started;  ///< UTC
  Who who;
  plan::Purpose purpose = plan::Purpose::provision;
  std::string profile, host, role;
  Verdict verdict = Verdict::committed;
  std::string reason;  ///< why it was rolled back
  std::string until;   ///< UTC, of one that waits
  std::vector<FileStep> files;
  std::vector<std::string> units;
  std::vector<std::string> packages_added, packages_removed;
};

/// Every generation that is kept, the newest last. One that died before it had begun is none.
std::vector<Generation> list_generations(const system::FileReader& files);

/// 7 for "20261120T135304Z-007".
long long number_of(const std::string& generation);

/// The generation that a person means by its name or its number ("7"). Throws Error{usage} with
/// those that there are.
std::string find_generation(const system::FileReader& files, const std::string& word);

/// The state that `generation` left; "" is the one before the last. Throws Error{refused} when it
/// is no state to go back to: it was rolled back, or what lies between is not kept any more.
plan::RollbackState load_rollback_state(const system::FileReader& files,
                                        const std::string& generation);

/// The machine before timectl, with all that the user changed outside of it since.
plan::RollbackState load_original_state(const system::FileReader& files);

/// Files that a rollback could not restore because their copy was damaged, and that still have
/// timectl's content: a sentence each.
std::vector<std::string> find_lost(const system::FileReader& files);

/// Where a link that enables, masks or names one of those units is not as `links` has it, or one is
/// that it does not have. A link below /run that is gone counts for nothing: a boot takes it away.
std::vector<system::RootedPath> find_other_links(const plan::UnitLinks& links,
                                                 const system::FileReader& files);

/// What stood at each path that timectl changed, when `generation` was done; a path is missing when
/// its state is not known any more, nullopt says that nothing was there. Of a block only its lines
/// count.
struct PathState {
  target::FileKind kind = target::FileKind::owned;
  std::optional<plan::FileState> state;
  target::Sensitivity sensitivity = target::Sensitivity::open;
};
using States = std::map<system::RootedPath, PathState>;
States states_after(const system::FileReader& files, const std::string& generation);
/// The same of the machine as it is, for the paths of `like`.
States states_now(const system::FileReader& files, const States& like);

/// Forgets everything: the generations, the record and what else lies in the state directory goes.
/// It can be run again after a power cut. No rollback is possible after that.
void purge_state(system::FileStore& files);

}  // namespace timectl::apply
