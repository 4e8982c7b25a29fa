// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "apply/apply.hpp"
#include "apply/journal.hpp"

/// Writes down what a plan is about to change. Only apply includes this.
namespace timectl::apply {

/// Adds the old state of the plan's units, of each once: what was captured first is older.
void capture_units(const plan::Plan& plan, const system::ServiceReader& services,
                   const system::FileReader& files, Journal& journal);

/// Adds the old state of the plan's files and copies their contents beside the journal, durable
/// once the journal is saved. Throws Error{refused} when a file is no longer as the plan saw it.
void capture_files(const plan::Plan& plan, system::FileStore& files, Journal& journal);

/// The content at `path` now, or a symlink's target; "" of what is neither.
std::string content_at(const system::FileReader& files, const system::RootedPath& path,
                       system::FileType type);

}  // namespace timectl::apply
