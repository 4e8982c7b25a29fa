// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "facts/detector.hpp"
#include "probe/probe.hpp"
#include "rehearse/rehearsal.hpp"
#include "target/contribution.hpp"

namespace timectl::features {

extern const facts::Detector dhcp_detectors[2];
extern const target::Contribution dhcp_contributions[1];
extern const probe::Probe dhcp_probes[3];
extern const rehearse::Rehearsal dhcp_rehearsals[1];

}  // namespace timectl::features
