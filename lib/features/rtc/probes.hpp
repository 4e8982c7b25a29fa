// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/probe.hpp"

namespace timectl::features {

/// Registers the chip and sets the clock from it, at boot.
inline constexpr auto boot_unit = "timectl-rtc.service";

probe::Finding ask_rtc_boot(const probe::Subject& subject, const probe::Ports& ports);
probe::Finding ask_rtc_kernel(const probe::Subject& subject, const probe::Ports& ports);
probe::Finding ask_rtc_battery(const probe::Subject& subject, const probe::Ports& ports);
probe::Finding ask_rtc_adjtime(const probe::Subject& subject, const probe::Ports& ports);

}  // namespace timectl::features
