// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "apply/journal.hpp"
#include "system/services.hpp"

/// The links below /etc/systemd/system, and those below /run/systemd/system that last until the
/// next boot (--runtime), that say what is enabled, masked or has another name.
/// Enabling again what was disabled makes links of its own taste, and disabling tidies directories
/// away: only from the old links does the tree become what it was. Only apply includes this.
namespace timectl::apply {

/// Adds the links of `unit`, and of the units that are enabled together with it (Also=).
void capture_links(const std::string& unit, const system::ServiceReader& services,
                   const system::FileReader& files, Journal& journal);

/// A link of the unit's own name is among them: a mask, or another name of another unit.
bool has_link(const plan::UnitLinks& links, const std::string& unit);

/// Takes from `newer` the units that `links` does not know, with their links; the directories are
/// those of whichever comes first.
void add_links(const plan::UnitLinks& newer, plan::UnitLinks& links);

/// Makes the links of those units exactly these, and durable. What is so already is left alone.
void restore_links(const plan::UnitLinks& links, system::FileStore& files);

/// Enabling by systemd is not durable when it returns.
void sync_links(system::FileStore& files);

}  // namespace timectl::apply
