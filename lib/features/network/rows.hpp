// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "facts/detector.hpp"
#include "rehearse/rehearsal.hpp"
#include "target/contribution.hpp"

namespace timectl::features {

extern const facts::Detector network_detectors[1];
extern const target::Contribution network_contributions[1];
extern const rehearse::Rehearsal network_rehearsals[1];

}  // namespace timectl::features
