// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "target/draft.hpp"

namespace timectl::features {

/// Has chronyd read timectl's files and obey them, or says what keeps it from that.
void add_chrony_in_force(target::Draft& draft);

void handle_chrony_conf(target::Draft& draft, const facts::ExistingSetting& setting);
void handle_chrony_local(target::Draft& draft, const facts::ExistingSetting& setting);

}  // namespace timectl::features
