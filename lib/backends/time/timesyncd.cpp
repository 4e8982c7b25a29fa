// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "backends/time_daemon.hpp"
#include "platform/platform.hpp"

#include <algorithm>

namespace timectl::backends {

namespace {

/// The leap indicator of a reply (RFC 5905, 7.3); 3 stands for a server without time.
Leap leap_of(int indicator) {
  if (indicator == 1) return Leap::inserts;
  if (indicator == 2) return Leap::deletes;
  return Leap::none;
}

class Timesyncd : public TimeDaemon {
 public:
  const char* unit() const override { return platform::timesyncd.unit; }

  TimeDaemonView observe(const system::TimeDaemonReader& daemons, WallTime now,
                         bool) const override {
    TimeDaemonView view;
    const auto state = daemons.timesync();
    if (!state) return view;
    view.answered = true;
    view.returns_to_first = false;
    view.first = state->system_servers.empty() ? "" : state->system_servers.front();
    view.followed = view.kept = state->server_address;
    view.poll_interval = state->poll_interval;
    if (!state->message) return view;
    const auto& last = *state->message;
    // A clock that was stepped back makes the last reply look like one from the future.
    view.last_reply_age = std::max<Seconds>(now - last.destination, Seconds{});
    view.hears_source = true;
    view.reference_id = last.reference_id;
    view.stratum = last.stratum;
    view.leap = leap_of(last.leap);
    view.bound = last.root_dispersion + last.root_delay / 2 + last.jitter;
    return view;
  }
};

}  // namespace

const TimeDaemon& timesyncd() {
  static const Timesyncd daemon;
  return daemon;
}

}  // namespace timectl::backends
