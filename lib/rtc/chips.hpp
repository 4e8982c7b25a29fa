// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The RTC chips that timectl knows. Profile, overlay, udev rule, unit, probes and messages take
/// what they need to know of a chip from its row.
namespace timectl::rtc {

/// How a chip whose oscillator stopped shows in the kernel.
enum class PowerLoss {
  refused,    ///< the driver refuses the time (EINVAL) until the chip is set
  logged,     ///< the driver clears the chip's flag at boot; only the kernel's log shows it
  unnoticed,  ///< no flag of the chip is read: its time then looks like any other
};

struct Chip {
  std::string_view name;    ///< the kernel's: of the I2C client, and of the i2c-rtc overlay
  std::string_view part;    ///< the maker's
  std::string_view driver;  ///< the kernel module
  /// On the I2C bus; each of these chips has one that cannot be changed. 0: it is on no bus.
  int address = 0;
  bool in_overlay = true;  ///< Raspberry Pi's i2c-rtc has it
  /// The overlay's parameters besides the name, each with its leading comma.
  std::string_view overlay_parameters = {};
  double wander = 0;  ///< seconds per second, as long as its host has not learned a number
  PowerLoss power_loss = PowerLoss::refused;
  /// What the driver logs when it finds that the chip lost its time, a regular expression; "" where
  /// it logs nothing.
  std::string_view loss_message = {};
  /// "" or, of a chip that is delivered with its battery switched off, what is to be said of the
  /// command that switches it on; {bus} is the number of its bus.
  std::string_view battery = {};

  /// False for the clock of a board, which the kernel finds by itself.
  constexpr bool is_on_bus() const { return address != 0; }
};

std::span<const Chip> chips();

/// nullptr for a name that no row has.
const Chip* find_chip(std::string_view name);

/// The row of a chip that a profile or a user names. Throws Error{usage}, with the known names.
const Chip& chip_named(std::string_view name);

std::vector<std::string> chip_names();

/// What follows when the kernel knows the chip `wanted` by the name `found`.
std::string consequence_of(std::string_view found, const Chip& wanted);

}  // namespace timectl::rtc
