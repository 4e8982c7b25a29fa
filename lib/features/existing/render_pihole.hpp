// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "target/draft.hpp"

namespace timectl::features {

/// A Pi-hole that sets this host's clock, or has the port that chronyd is to serve at: a conflict.
void refuse_pihole(target::Draft& draft);

}  // namespace timectl::features
