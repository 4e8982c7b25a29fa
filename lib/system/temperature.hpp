// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/files.hpp"

#include <optional>

namespace timectl::system {

/// In degrees Celsius, as the first thermal zone has it (a Pi's only one, cpu-thermal). nullopt
/// where there is none or it does not say: on many virtual machines. That of an RTC comes with its
/// reading (rtc.hpp).
std::optional<double> processor_temperature(const FileReader& files);

}  // namespace timectl::system
