// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/linux/bus.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace timectl::system::os {

/// A command that PID 1 runs once, later.
struct TransientTimer {
  std::string name;  ///< without ".timer"
  std::chrono::seconds span{};
  std::vector<std::string> command;  ///< the program's whole path first
  std::string description;
};

/// Lets PID 1 start it. A name that is in use is Error{external}.
void start_transient_timer(const Bus& bus, const TransientTimer& timer, const std::string& what);

}  // namespace timectl::system::os
