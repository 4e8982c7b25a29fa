// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "observe/ntp.hpp"
#include "probe/probe.hpp"
#include "quality/host.hpp"

#include <optional>
#include <string>

/// From what daemons and servers say to what lib/quality judges by.
namespace timectl::probe {

/// Whose time this host has, and how far it can be off.
struct WhoseTime {
  quality::Judgement judgement;
  quality::Errors errors;
  std::string followed;         ///< address or name, "" when nobody
  bool daemon_answered = true;  ///< false: what it follows is not known, it may not even run
  bool rtc_is_busy = false;     ///< another program holds the RTC: it may be right
  bool is_settled = true;  ///< false: its daemon has had no reply yet, and somebody would answer
};

quality::ServerView server_view(const observe::NtpMeasurement& measured);

/// timesyncd's answer; `site` are the addresses of the site's servers.
quality::FollowerView follower_view(const system::TimesyncState& state,
                                    const std::vector<std::string>& site, WallTime now);

/// The source that chronyd has selected and hears; nobody is followed when it has none.
quality::FollowerView follower_view(const std::vector<system::ChronySource>& sources,
                                    const std::vector<std::string>& site);

/// Asks the daemons and the site's servers. Throws Error when a daemon answers and refuses.
WhoseTime look_whose_time(const Subject& subject, const Ports& ports);

}  // namespace timectl::probe
