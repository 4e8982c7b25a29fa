// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "plan/plan.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

/// The parts of make_plan; only they include this.
namespace timectl::plan {

/// Packages are to be installed first: what is missing now may come with them.
enum class Packages { complete, pending };

/// What stands at a path now. `content` is a symlink's target.
struct Current {
  std::optional<system::FileStatus> status;
  std::string content;

  bool is(system::FileType type) const { return status && status->type == type; }
};

Current read_current(const system::FileReader& files, const system::RootedPath& path);

struct FilePart {
  std::vector<FileChange> changes;
  std::vector<ManagedFile> managed;
  std::vector<target::Reaction> reactions;  ///< each as often as a file asks for it …
  std::vector<std::string> reasons;         ///< … with the path of that file
  std::vector<std::string> notes;
  std::vector<system::RootedPath> unread;  ///< as Plan::unread
};

/// A change that has its "before" and its "why".
FileChange begin_change(const system::RootedPath& path, const Current& current,
                        const std::string& why);

/// Takes the change in, with what has to follow it.
void add_change(FilePart& part, FileChange change);

FilePart plan_files(const target::Target& target, const system::FileReader& files,
                    const ManagedFiles& managed, Packages packages);

/// Every list in the order it is to be carried out in.
struct UnitPart {
  std::vector<UnitChange> retired;     ///< of unit files that go: stopped while they still exist
  std::vector<UnitChange> enablement;  ///< unmask, enable, disable, mask, and stop
  std::vector<UnitChange> starts;
  std::vector<UnitChange> masks;  ///< what is masked cannot be started, but goes on running
};

/// Adds the files to `files` that mask what is to run. Throws Error{refused} for a mask that
/// unmasking leaves in place.
UnitPart plan_units(const target::Target& target, FilePart& files, const Machine& machine,
                    Packages packages);

/// Throws Error{refused} when something that is no link, and that `files` leaves there, stands
/// where enabling or masking one of the units needs a link (systemd makes it of nothing but a
/// link), and when a directory that enabling or disabling changes (*.wants) is itself a link.
void refuse_obstacles(const UnitPart& units, const FilePart& files,
                      const system::FileReader& machine);

/// The unit that a file below a systemd directory defines; "" for drop-ins and all other files.
std::string unit_of(const system::RootedPath& path);
bool is_unit_path(const system::RootedPath& path);

/// A file among the changes masks the unit: with the others, before anything is started.
bool brings_mask(const FilePart& files, const std::string& unit);

/// Each reaction once, ordered by kind, without those that another change makes needless.
std::vector<ReactionChange> plan_reactions(const FilePart& files, const UnitPart& units,
                                           const system::ServiceReader& services,
                                           Packages packages);

/// Everything but packages, in the order of carrying out: what daemons do with their new files
/// comes after the enablement, what makes the files known to the system before it; a reboot is no
/// step but a fact about the plan.
void append_steps(Plan& plan, const FilePart& files, const UnitPart& units,
                  const std::vector<ReactionChange>& reactions);

}  // namespace timectl::plan
