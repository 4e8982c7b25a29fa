// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "monitor/step.hpp"
#include "probe/probe.hpp"
#include "target/contribution.hpp"

namespace timectl::features {

extern const target::Contribution serve_contributions[1];
extern const probe::Probe serve_probes[3];
extern const monitor::Step serve_steps[1];

}  // namespace timectl::features
