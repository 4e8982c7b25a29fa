// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "apply/generations.hpp"
#include "apply/journal.hpp"
#include "plan/restore_plan.hpp"

#include <map>
#include <optional>
#include <string>

/// What only root may read of a generation: its after.json. Journal and record, which every user
/// may read, are the index to it. Only apply includes this.
namespace timectl::apply {

/// What stood at the paths that a generation changed once it was done; nullopt: nothing. Empty when
/// that is not there: then any of them may have been edited.
using FilesAfter = std::map<system::RootedPath, std::optional<plan::FileState>>;

struct Contents {
  FilesAfter after;
  std::map<system::RootedPath, std::string> managed;  ///< of the record's files that are kept apart
  std::map<system::RootedPath, std::string> checksums;  ///< of the copies of secrets
};

/// Whether the content of a managed file stands here instead of in the record: it is secret, or the
/// file itself is closed to other users.
bool is_kept_apart(const plan::ManagedFile& file);

/// `record` is the generation's own.
Contents contents_of(const plan::Plan& plan, const Record& record);

/// Before journal and record name them: an index without its contents would be the worse half.
void write_contents(system::FileStore& files, const std::string& generation,
                    const Contents& contents);

/// Writes what `record` has of that, and its generation's contents do not have yet: records before
/// schema 3 had everything in themselves. Throws Error{io} naming the contents when they are
/// damaged.
void keep_apart(system::FileStore& files, const Record& record);

/// Takes the checksums of secrets out of the journals of before schema 3. Damaged ones stay.
void close_old_checksums(system::FileStore& files);

/// Empty when they are not there. Throws Error{io} naming the file when it is damaged.
Contents load_contents(const system::FileReader& files, const std::string& generation);
/// The same, and empty too where a disk has damaged it.
Contents known_contents(const system::FileReader& files, const std::string& generation);
FilesAfter known_files_after(const system::FileReader& files, const std::string& generation);

/// Fills in what is kept apart of the record, as far as it is known.
void add_contents(const system::FileReader& files, Record& record);

}  // namespace timectl::apply
