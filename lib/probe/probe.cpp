// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "probe/probe.hpp"

#include "probe/asks.hpp"
#include "quality/quality.hpp"
#include "rtc/rtc.hpp"

#include <fmt/format.h>

namespace timectl::probe {

const platform::Daemon* daemon_of(const profile::Host& host) {
  switch (profile::time_daemon_of(host)) {
    case profile::TimeDaemon::chrony:
      return &platform::chronyd;
    case profile::TimeDaemon::timesyncd:
      return &platform::timesyncd;
    case profile::TimeDaemon::none:
      break;
  }
  return nullptr;
}

std::string state_by(const std::string& reference_id, int stratum, int leap, int local_stratum) {
  if (leap == 3 || stratum < 1 || stratum > 15) {
    return quality::to_string(quality::State::unsynchronized);
  }
  const bool local = quality::is_local_reference(reference_id, stratum, local_stratum);
  return quality::to_string(local ? quality::State::island : quality::State::traceable);
}

std::string state_now(const std::string& time_state, Seconds reference_age) {
  const bool claims = time_state == quality::to_string(quality::State::traceable);
  const bool lost = claims && !quality::is_alive(reference_age);
  return lost ? quality::to_string(quality::State::holdover) : time_state;
}

std::optional<std::string> why_impossible(WallTime time) {
  if (time >= rtc::build_date()) return std::nullopt;
  return fmt::format("{} is before timectl was built ({})", format_utc(time),
                     format_utc(rtc::build_date()));
}

}  // namespace timectl::probe
