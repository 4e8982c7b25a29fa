// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "rehearse/rehearsal.hpp"

#include <span>
#include <string>
#include <vector>

namespace timectl::rehearse {

/// Findings as the text that leaves the sandbox.
std::string to_text(const std::vector<probe::Finding>& findings);

/// Reads what to_text wrote of findings of `rehearsals`. Throws Error{external} for anything else.
std::vector<probe::Finding> from_text(const std::string& text,
                                      std::span<const Rehearsal> rehearsals);

}  // namespace timectl::rehearse
