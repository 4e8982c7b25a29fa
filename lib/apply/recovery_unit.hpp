// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "apply/journal.hpp"
#include "system/files.hpp"
#include "system/services.hpp"

#include <string>
#include <vector>

/// The unit that has the next boot call recover() is there while a change is open, and only then:
/// from before the first change of a first provision until after the last of an uninstall. PID 1
/// needs no reload for it, since a boot reads it anyway. Only apply includes this.
namespace timectl::apply {

/// Directories that planning a recovery makes and canceling it removes, parents first.
std::vector<system::RootedPath> directories_for_recovery(const system::FileReader& files);

/// Durable when it returns. `unit` is the text of the unit. What is not apply's own at these paths,
/// a mask for example, is left alone: then no boot recovers, the next timectl does.
void plan_recovery(system::FileStore& files, const std::string& unit);

/// Whether the unit is there, and apply's own.
bool is_recovery_planned(const system::FileReader& files);

/// What a change has to say when the operator has masked the unit; "" otherwise.
std::string why_no_boot_recovers(const system::FileReader& files);

/// Takes the unit away, if it is apply's own; can be interrupted and called again.
/// `made` are the directories that planning it made. PID 1 forgets it too, if it had to read it.
void cancel_recovery(system::FileStore& files, system::ServiceManager& services,
                     const std::vector<system::RootedPath>& made);

/// Does that for one who died between closing the newest journal and canceling. Writes nothing
/// when there is nothing to do.
void cancel_if_closed(system::FileStore& files, system::ServiceManager& services);

}  // namespace timectl::apply
