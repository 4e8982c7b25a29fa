// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "rehearse/rehearse.hpp"

namespace timectl::rehearse {

/// What can be asked without a sandbox: each daemon reads the files that the target brings it, one
/// after the other, and starts nothing (Rehearsal::read). It finds a line that the daemon does not
/// accept; whether it starts with all files together is left open. Doubts are those that could not
/// be asked.
Objections find_objections_one_by_one(const target::Target& target,
                                      std::span<const Rehearsal> rehearsals,
                                      const system::ProcessRunner& processes);

}  // namespace timectl::rehearse
