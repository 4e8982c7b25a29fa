// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/probe.hpp"
#include "rehearse/rehearsal.hpp"

namespace timectl::features {

extern const probe::Probe follow_probes[1];
extern const rehearse::Rehearsal follow_rehearsals[1];

}  // namespace timectl::features
