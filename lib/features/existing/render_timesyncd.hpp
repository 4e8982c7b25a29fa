// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "target/draft.hpp"

namespace timectl::features {

/// Settings of timesyncd.conf, and of drop-ins that timesyncd reads after timectl's.
void handle_timesyncd(target::Draft& draft, const facts::ExistingSetting& setting);
void handle_timesyncd_override(target::Draft& draft, const facts::ExistingSetting& setting);

}  // namespace timectl::features
