// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "target/draft.hpp"

/// The parts of the RTC's contribution.
namespace timectl::features {

/// Claims the chip's I2C address, and says what config.txt has of RTCs besides timectl's block: the
/// same overlay gives way to the block, another one at that address is refused, one elsewhere is
/// named.
void compare_overlays(target::Draft& draft, const profile::RtcFeature& rtc);

}  // namespace timectl::features
