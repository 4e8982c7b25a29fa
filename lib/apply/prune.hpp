// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/files.hpp"

namespace timectl::apply {

/// Removes old generations but for the newest ten that were committed, the newest ten that were
/// rolled back, and those that hold what was on the host before timectl: an uninstall needs them.
/// Called when nothing is open. Only apply includes this.
void prune_generations(system::FileStore& files);

}  // namespace timectl::apply
