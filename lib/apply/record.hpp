// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "apply/generations.hpp"
#include "apply/journal.hpp"
#include "plan/restore_plan.hpp"

#include <map>
#include <optional>
#include <string>

/// What a generation leaves behind, as documents. Only apply includes this.
namespace timectl::apply {

/// The record of a generation: the commit record while it is the last one. It is without what is
/// kept apart (contents.hpp). Throws Error{io} naming
/// the file when it is damaged; nullopt when it is not there.
std::optional<Record> load_record(const system::FileReader& files, const system::RootedPath& path);
/// The record that `text` is, which was read from `path`; throws Error{io} for a damaged one.
Record parse_record(const std::string& text, const system::RootedPath& path);
system::RootedPath record_path(const std::string& generation);

/// What timectl answers for on this host.
struct Committed {
  Record record;  ///< empty before the first change
  /// Why it is not the commit record, a sentence; "" when it is. A file that is lost or damaged is
  /// no proof that nothing was changed: the newest generation that was committed knows as much.
  std::string loss = {};
};

/// Throws Error{io} when the commit record is lost and so is that of the newest committed
/// generation; what load_record() refuses is refused here too.
Committed load_committed(const system::FileReader& files);

/// Writes a lost commit record anew; a sentence about it, "" when there was nothing to do.
std::string mend_commit_record(system::FileStore& files);

/// What is known once `journal`, whose files are captured, is carried out after `before`. A
/// rollback knows what the state knew that it goes back to.
Record make_record(const plan::Plan& plan, const Journal& journal, const Record& before,
                   const system::FileReader& files);

/// Stages and swaps the record in. Every user may read it: what not every user may know of it is
/// put among the contents of its generation before, where it is not there already.
void write_record(system::FileStore& files, const system::RootedPath& path, const Record& record);

}  // namespace timectl::apply
