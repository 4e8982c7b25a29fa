// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "monitor/step.hpp"
#include "probe/probe.hpp"

namespace timectl::features {

extern const probe::Probe serve_probes[3];
extern const monitor::Step serve_steps[1];

}  // namespace timectl::features
