// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "target/draft.hpp"

namespace timectl::features {

/// Names what sets the clock besides: timectl does not edit what a user wrote.
void note_clock_setters(target::Draft& draft);

}  // namespace timectl::features
