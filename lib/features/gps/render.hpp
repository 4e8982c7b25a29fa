// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "target/draft.hpp"

#include <string>
#include <string_view>
#include <vector>

/// The parts of the receiver's contribution.
namespace timectl::features {

/// A serial port that a receiver can be at, and what it costs to have it.
struct SerialPort {
  std::string device;                   ///< as gpsd gets it
  std::vector<std::string> firmware;    ///< lines of config.txt that switch it on
  std::vector<std::string> consoles;    ///< kernel's names of it: a login or the kernel's log there
  std::vector<std::string> stops = {};  ///< units that use it or what it takes away
  bool is_on_header = false;            ///< GPIO 14 and 15
};

/// The port of the profile, or the board's own. Throws Error{refused} where that is not known.
SerialPort port_of(const target::Draft& draft, const profile::GpsFeature& gps);

/// Claims the receiver's pins and names what config.txt has at them besides timectl's block. The
/// same pps-gpio line gives way to the block.
void claim_pins(target::Draft& draft, const profile::GpsFeature& gps, const SerialPort& port);

/// Takes the kernel's console off the port: in cmdline.txt, whose other bytes stay where they are.
void release_console(target::Draft& draft, const SerialPort& port);

/// `line` without its `console=` words of those devices, as long as before: a firmware reads one
/// line, and what does not move cannot be lost.
std::string without_consoles(std::string_view line, const std::vector<std::string>& devices);

}  // namespace timectl::features
