// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "facts/detector.hpp"
#include "target/contribution.hpp"

namespace timectl::features {

extern const facts::Detector existing_detectors[1];
extern const target::Contribution existing_contributions[2];

}  // namespace timectl::features
