// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Internal to profile: units and directories that a profile may not name, because timectl would
// break something else by them.
#pragma once

#include <span>
#include <string_view>

namespace timectl::profile {

/// A kind of units or directories, and why they are refused.
struct Reserved {
  std::string_view pattern;
  std::string_view reason;
};

/// Stems of unit names ("dbus" of "dbus.service"); a final '*' stands for whatever follows. timectl
/// restarts the controller's unit at any check, and leaves it stopped when it does not start again:
/// refused is what takes timectl, the time, the network, logins or the system along.
std::span<const Reserved> reserved_units();
/// Why the unit with this stem cannot be the controller's; empty when it can.
std::string_view why_no_controller(std::string_view stem);

/// Directories; a final "/*" stands for all below, and for the directory itself. The monitor's
/// sandbox makes the metrics directory writable, and timectl makes a link in it.
std::span<const Reserved> reserved_directories();
/// Why metrics cannot be in the directory, a normalized path; empty when they can.
std::string_view why_no_metrics(std::string_view directory);

}  // namespace timectl::profile
