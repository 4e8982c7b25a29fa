// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "apply/apply.hpp"
#include "apply/journal.hpp"

/// A change that is rolled back unless the user confirms it. The journal decides; the alarm only
/// starts a process that reads it. Only apply includes this.
namespace timectl::apply {

Confirmation begin_wait(const system::Clock& clock, std::chrono::seconds span, bool needs_reboot);

/// The journal of the change that waits.
std::optional<Journal> waiting_journal(const system::FileReader& files);

/// For recover(): lets `journal` wait on, or undoes it.
Outcome resume_wait(Journal journal, Machine& machine, const Progress& progress, Jobs jobs,
                    const PlanUndo& plan_undo);

}  // namespace timectl::apply
