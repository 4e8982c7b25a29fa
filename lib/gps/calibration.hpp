// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "gps/spread.hpp"
#include "system/files.hpp"

#include <optional>
#include <string>

/// How late a receiver's sentences come, as it was measured against another source's time. chronyd
/// needs it to know which second a pulse belongs to: it pairs a pulse with a sentence that is less
/// than 0.4 s off, so that an offset that is wrong by half a second makes the time wrong by one.
namespace timectl::gps {

/// A value that says about where the offset is, and one that PPS may be used with.
constexpr std::size_t provisional_samples = 60;
constexpr std::size_t final_samples = 600;

/// The most that an offset, and the width of its distribution, may be.
constexpr Seconds largest_offset{0.45};
constexpr Seconds largest_width{0.4};

struct Calibration {
  Spread spread;
  WallTime measured_at;
  std::string device;     ///< "/dev/serial0"
  std::string receiver;   ///< gpsd's driver and the firmware; "" when it named none
  std::string reference;  ///< what the clock was right by: "192.168.4.9"

  Seconds offset() const { return spread.median; }
  bool is_final() const { return spread.count >= final_samples; }
};

/// Why no offset may be taken from such a distribution, as a sentence; "" where one may.
std::string objection_to(const Spread& spread);

/// Of a damaged record Error{io}, of a newer timectl's Error{refused}.
std::optional<Calibration> read_calibration(const system::FileReader& files);
void write_calibration(system::FileStore& files, const Calibration& calibration);

}  // namespace timectl::gps
