// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "facts/detector.hpp"
#include "target/contribution.hpp"

namespace timectl::features {

extern const facts::Detector names_detectors[1];
extern const target::Contribution names_contributions[1];

}  // namespace timectl::features
