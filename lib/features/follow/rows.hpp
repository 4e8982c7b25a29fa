// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "monitor/step.hpp"
#include "probe/probe.hpp"
#include "rehearse/rehearsal.hpp"
#include "target/contribution.hpp"

namespace timectl::features {

extern const target::Contribution follow_contributions[1];
extern const probe::Probe follow_probes[2];
extern const rehearse::Rehearsal follow_rehearsals[1];
extern const monitor::Step follow_steps[1];

}  // namespace timectl::features
