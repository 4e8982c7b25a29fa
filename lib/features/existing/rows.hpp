// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "facts/detector.hpp"
#include "target/contribution.hpp"

namespace timectl::features {

extern const facts::Detector existing_detectors[2];
extern const target::Contribution existing_contributions[3];

}  // namespace timectl::features
