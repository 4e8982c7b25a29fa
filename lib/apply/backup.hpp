// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "apply/journal.hpp"
#include "system/files.hpp"

#include <string>

/// The copies of old files beside a journal. Only apply includes this.
namespace timectl::apply {

system::RootedPath backup_path(const Journal& journal, const OldFile& old);

/// Copies `content`, what stands at `old.path` now, and notes its checksum: in `old`, or of a
/// secret in a file beside the copy that only root may read.
void stage_backup(system::FileStore& files, const Journal& journal, OldFile& old,
                  const std::string& content);

/// Why the copy cannot be used: "'/var/lib/timectl/…/old-003-hosts' is gone", or that it is not
/// what was put there; "" when it can. Copies of timectls before schema 2 have no checksum: what is
/// there is taken for right.
std::string backup_damage(const system::FileReader& files, const Journal& journal,
                          const OldFile& old);

/// What stood at `old.path`, of an `old` with a type: a file's content, a symlink's target. Throws
/// Error{io} with backup_damage().
std::string backup_content(const system::FileReader& files, const Journal& journal,
                           const OldFile& old);

/// Whether the host has that content at `old.path`; never of an `old` without a checksum.
bool has_old_content(const system::FileReader& files, const Journal& journal, const OldFile& old);

}  // namespace timectl::apply
