// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "target/contribution.hpp"

namespace timectl::features {

extern const target::Contribution gps_contributions[1];

}  // namespace timectl::features
