// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "apply/journal.hpp"
#include "system/files.hpp"

#include <string>
#include <vector>

/// Journals and records that a disk has lost. Only apply includes this.
namespace timectl::apply {

/// Whether `generation` had a journal, and has none: the journal is the first file that a change
/// writes and the last that goes (remove_generation()). Up to 11b9d82 it was the other way round,
/// so what is left of a generation of schema 1 is no evidence.
bool is_journal_lost(const system::FileReader& files, const std::string& generation);

/// Throws Error{io} when the journal of `generation` is lost.
void require_no_lost_journal(const system::FileReader& files, const std::string& generation);

/// What was done about damage, a sentence each.
struct SetAside {
  std::vector<std::string> losses;  ///< what cannot be determined any more
  std::vector<std::string> notes;   ///< what was made whole again, or does not matter
};

/// Puts a journal that is closed in the place of each that is damaged or lost, so that everything
/// else can go on. Of a change that may have been open it knows the paths that are as it left them
/// (Journal::lost). What was there stays beside it ("damaged-journal.json"). The record of a
/// finished generation that is damaged is set aside too: that generation cannot be gone back to any
/// more. Documents that cannot be read at all, are not trusted or are a newer timectl's are thrown,
/// as everywhere.
SetAside set_damage_aside(system::FileStore& files);

}  // namespace timectl::apply
