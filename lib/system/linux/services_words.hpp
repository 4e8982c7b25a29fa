// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <string>

namespace timectl::system::os {

/// What the processes of one start of a unit said last, by the journal: an error (PRIORITY 3 or
/// worse) before anything else, one line. "" where the journal has nothing of it, or cannot be
/// read. `invocation` is UnitState::invocation_id; _SYSTEMD_INVOCATION_ID of
/// systemd.journal-fields(7).
std::string last_words_of(const std::string& invocation);

}  // namespace timectl::system::os
