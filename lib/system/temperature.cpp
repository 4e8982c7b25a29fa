// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/temperature.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

namespace timectl::system {

std::optional<double> processor_temperature(const FileReader& files) {
  static const RootedPath path{"/sys/class/thermal/thermal_zone0/temp"};
  constexpr ReadLimit limit{limits::kibibyte, "a temperature"};
  // Drivers of sensors that are off say 0 kelvin, or whatever their registers hold.
  constexpr double least_c = -100;
  constexpr double most_c = 200;
  try {
    const auto file = files.read(path, limit);
    const auto millidegrees = file ? to_integer(trim(file->content)) : std::nullopt;
    if (!millidegrees) return std::nullopt;
    const double celsius = static_cast<double>(*millidegrees) / 1000;
    return celsius > least_c && celsius < most_c ? std::optional{celsius} : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;  // a sensor that is powered down: EAGAIN, ENODATA
  }
}

}  // namespace timectl::system
