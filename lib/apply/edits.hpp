// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "apply/contents.hpp"
#include "apply/journal.hpp"
#include "system/files.hpp"

#include <string>
#include <vector>

/// What was edited while a change was open. A rollback overwrites it with the old files, so it is
/// kept beside the journal first. Only apply includes this.
namespace timectl::apply {

/// Whether `path` is what the change of that list left there, an absence too; of a shared file only
/// timectl's lines count.
bool is_as_left(const system::FileReader& files, const FilesAfter& left,
                const system::RootedPath& path);

/// Copies what is neither as it was nor as the change left it, and says so, one sentence a file.
/// Writes nothing when there is no such file. Files on VFAT are left out: what is torn there is
/// timectl's own.
std::vector<std::string> keep_edits(const Journal& journal, system::FileStore& files);

}  // namespace timectl::apply
