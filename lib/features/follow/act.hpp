// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "monitor/state.hpp"
#include "observe/judge.hpp"
#include "observe/observation.hpp"
#include "profile/limits.hpp"

/// What a client's time daemon is to do, for tests.
namespace timectl::features {

/// What is counted in the state of the checks stands beside what it comes to.
struct Steering {
  bool return_to_site = false;
  int good_ticks = 0;
  bool measure_anew = false;  ///< chronyd keeps to a server that is gone
  int silent_ticks = 0;
};

/// Pure.
Steering decide_steering(const observe::Observation& seen, const observe::HostTime& time,
                         const monitor::State& previous, const profile::Limits& limits);

}  // namespace timectl::features
