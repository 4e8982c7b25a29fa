// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "apply/apply.hpp"
#include "apply/journal.hpp"

/// Puts a machine back into the state a journal describes. Only apply includes this.
namespace timectl::apply {

/// From the journal alone, so that it is the same for a failure and for a fresh process after a
/// power cut; what is as it was already is left alone, so that it can be interrupted and run again.
/// Goes on after errors. The journal's state on disk says how it ended: `broken` while files or
/// packages are not back, else `rolled_back`.
Outcome undo(Journal journal, const std::string& reason, Machine& machine, const Progress& progress,
             Jobs jobs);

}  // namespace timectl::apply
