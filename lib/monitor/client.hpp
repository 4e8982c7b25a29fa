// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "monitor/state.hpp"
#include "observe/judge.hpp"
#include "observe/observation.hpp"
#include "profile/limits.hpp"

#include <string>

/// The client's side of a check: power saving, and what its time daemon is to be told.
namespace timectl::monitor {

struct ClientDecision {
  bool saving = false;  ///< the local server answers, can be trusted, and this host follows it
  std::string server;   ///< address followed, when saving
  bool return_to_site = false;
  int good_ticks = 0;
  bool measure_anew = false;  ///< chronyd keeps to a server that is gone: let it look around
  int silent_ticks = 0;
};

/// Pure. Leaving power saving is immediate, whatever the reason; not knowing is a reason. In a year
/// that is proven wrong it is taken away although the server and this host agree on that year.
ClientDecision decide_client(const observe::Observation& seen, const observe::HostTime& time,
                             const State& previous, const profile::Limits& limits);

}  // namespace timectl::monitor
