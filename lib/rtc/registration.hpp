// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "rtc/rtc.hpp"
#include "system/clock.hpp"
#include "system/files.hpp"
#include "system/rtc.hpp"

#include <chrono>

namespace timectl::rtc {

/// How long it is worth to wait for what udev brings, when `asked` is the most: not at all where
/// udev does not run (/run/udev/control is its socket), as in a container.
std::chrono::seconds patience(const system::FileReader& files, std::chrono::seconds asked);

/// Waits until the I2C bus is there, at most `limit`: its driver, too, is a module that udev loads
/// in its own time, and the unit that sets the clock starts before udev is done. False when it has
/// not come by then.
bool wait_for_bus(const system::RtcReader& rtcs, const system::Clock& clock, int bus,
                  std::chrono::milliseconds limit);

/// Waits until a registered chip has its driver and its rtcN, at most `limit`: the driver may be a
/// module that udev loads in its own time, and the next reader would find no RTC. False when it has
/// not come by then.
bool wait_until_usable(const system::RtcReader& rtcs, const system::Clock& clock,
                       const Identity& chip, std::chrono::milliseconds limit);

}  // namespace timectl::rtc
