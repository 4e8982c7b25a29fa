// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "monitor/state.hpp"
#include "observe/ntp.hpp"
#include "probe/probe.hpp"
#include "profile/profile.hpp"
#include "quality/quality.hpp"
#include "rtc/rtc.hpp"

#include <optional>
#include <string>
#include <vector>

namespace timectl::monitor {

/// One of the site's servers, as it answered in this tick.
struct ServerSight {
  std::string name;
  std::string address;
  quality::ServerView view;
  std::string problem;  ///< why there is no time to go by, "" when there is
};

/// What a client sees in one tick.
struct ClientSight {
  WallTime now{};
  std::vector<ServerSight> servers;
  quality::FollowerView follower;
  std::string followed;  ///< address of what the time daemon follows, "" when nobody
  bool can_return_to_site =
      false;                   ///< timesyncd, which never returns to its first server by itself
  std::string kept;            ///< address chronyd keeps the star on, answering or not
  bool has_other_way = false;  ///< chronyd hears a source that is not `kept`
  std::vector<probe::Finding> findings;
};

struct ClientRules {
  int local_stratum = 10;
  Seconds limit{5};
  int good_ticks_to_return = 3;
  int silent_ticks_to_measure_anew = 3;
  rtc::Floor floor;  ///< a clock below it is wrong, whoever is followed
};

struct ClientDecision {
  quality::Judgement judgement;
  bool saving = false;  ///< the local server answers, can be trusted, and this host follows it
  std::string server;   ///< address followed, when saving
  bool return_to_site = false;
  int good_ticks = 0;
  bool measure_anew = false;  ///< chronyd keeps to a server that is gone: let it look around
  int silent_ticks = 0;
};

/// Asks the site's servers over NTP (side by side) and this host's own daemon.
ClientSight observe_client(const profile::Profile& profile, const profile::Host& host,
                           const probe::Ports& look);

/// The server the judgement is about: the one that is followed, else the best there is; nullptr
/// when the site has none.
const ServerSight* pick_server(const ClientSight& sight);

ClientRules client_rules(const profile::Profile& profile, const profile::Host& host,
                         const system::FileReader& files);

/// Pure. Leaving power saving is immediate, whatever the reason; not knowing is a reason. In a year
/// that is proven wrong it is taken away although the server and this host agree on that year.
ClientDecision decide_client(const ClientSight& sight, const State& previous,
                             const ClientRules& rules);

}  // namespace timectl::monitor
