// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/finding_row.hpp"

/// Findings about the servers that are followed.
namespace timectl::features::row {

inline constexpr probe::FindingRow sources_reach{
    .name = "sources.reach",
    .question = "Does chronyd hear its sources, and if not, why?",
    .asks =
        "Asks chronyd which of its sources it hears. Those that it does not hear are asked once "
        "over NTP, a name without an address is resolved, one that is silent is sent a ping, and "
        "where no source is heard the router is asked for the time.",
    .why =
        "chronyd shows a name that does not resolve, a route that is missing, a port that is "
        "blocked and a server that refuses this host all alike: reach 0.",
    .ok =
        "chronyd hears each source. Or those that it does not hear are silent or have no route or "
        "no address, as without internet, while a source of the site is heard or this server is "
        "in island mode.",
    .pending = "It has just started, and hears none yet.",
    .warning =
        "A source refuses or does not serve this host, limits its rate, or has no time to give; "
        "its name has no address while one from outside of the site is heard. A server that is "
        "not in island mode hears none of its sources, or its router serves time.",
    .failed =
        "chronyd does not run or does not have the profile's sources, or a client hears none of "
        "its own.",
    .unknown = "It runs and cannot be asked.",
    .remedy =
        "See to the first thing that is named: the route, then the name server, then the source. "
        "Where the router serves time: chronyc add server ROUTER iburst, and the router in servers "
        "of sources in the profile.",
    .printed_by = {.verify = true},
};

inline constexpr probe::FindingRow timesync_config{
    .name = "timesync.config",
    .question = "Does systemd-timesyncd read its drop-in?",
    .asks =
        "Has systemd-analyze list the configuration that systemd-timesyncd reads (cat-config), "
        "and looks for timectl's drop-in in it.",
    .why =
        "A file of the same name that takes precedence, or a link to /dev/null in its place, hides "
        "a drop-in silently: timesyncd then follows the servers of the distribution.",
    .ok =
        "systemd-timesyncd will read the drop-in. What it makes of it shows when it runs: "
        "timesync.server.",
    .failed = "systemd-timesyncd would not read the drop-in.",
    .unknown = "systemd-analyze is not on this machine, or could not be run.",
    .remedy =
        "Look for a file of that name in /run/systemd/timesyncd.conf.d, or a link to "
        "/dev/null.",
    .printed_by = {.rehearsal = true},
};

}  // namespace timectl::features::row
