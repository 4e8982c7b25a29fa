// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "backends/time_daemon.hpp"
#include "base/error.hpp"
#include "history/learned.hpp"
#include "observe/ntp.hpp"
#include "profile/profile.hpp"
#include "quality/quality.hpp"
#include "rtc/boot_state.hpp"
#include "rtc/island.hpp"
#include "rtc/rtc.hpp"
#include "system/clock.hpp"
#include "system/datagram.hpp"
#include "system/files.hpp"
#include "system/rtc.hpp"
#include "system/time_daemons.hpp"

#include <optional>
#include <string>
#include <vector>

/// The one observation of a host's time that verify, status, monitor and its metrics use.
namespace timectl::observe {

/// The ports of an observation.
struct Ports {
  const system::FileReader& files;
  const system::Clock& clock;
  const system::RtcReader& rtcs;
  const system::DatagramClient& datagrams;
  const system::TimeDaemonReader& daemons;
};

/// Another server of the site, as it answered.
struct SiteServer {
  std::string name;
  std::string address;
  quality::ServerView view;
  std::string problem;  ///< why its answer is no time, "" when it is
  Seconds reading{};    ///< how well its clock could be read: half the round trip
};

/// What was seen at one moment; nothing of it is judged yet.
struct Observation {
  rtc::SystemClockView clock;
  std::string chip;  ///< of the RTC, as the profile names it; "" for a host without
  std::vector<SiteServer> servers;
  std::optional<Error> network_error;  ///< the servers could not be asked
  backends::TimeDaemonView daemon;
  std::optional<Error> daemon_error;  ///< the daemon answered and refused
  rtc::Assessment rtc;                ///< by the record that stands on the disk
  std::optional<rtc::Record> record;  ///< as it counts for that chip
  rtc::BootState boot;                ///< what earlier checks of this boot noted
  history::Learned learned;
};

/// The host's own time daemon.
const backends::TimeDaemon& time_daemon_backend(const profile::Host& host);

/// Whether a server asks the site's other servers: its own time does not depend on them, only how
/// far they are apart.
enum class Peers { left_out, asked };

/// What the host itself knows: its clocks, its RTC, and what earlier checks noted. Neither daemon
/// nor network is asked, so that it takes no longer than the RTC does.
Observation observe_clocks(const profile::Host& host, const Ports& ports);

/// Adds what the host's daemon says, or why it says nothing.
void add_daemon(const profile::Host& host, const Ports& ports, Observation& seen);

/// Asks the site's servers side by side, the host's daemon and its RTC. What could not be asked is
/// part of the observation.
Observation observe(const profile::Profile& profile, const profile::Host& host, const Ports& ports,
                    Peers peers = Peers::asked);

}  // namespace timectl::observe
