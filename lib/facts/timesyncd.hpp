// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/files.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace timectl::facts {

/// Lines of a drop-in that systemd-timesyncd reads after timectl's, and that take back what that
/// says: an empty NTP= (it drops the servers before it) with what follows, or a limit.
struct TimesyncdOverride {
  std::string file;
  std::size_t line = 0;  ///< of the first
  std::vector<std::string> lines;
  bool replaces_servers = false;  ///< it has an empty NTP=
};

/// timesyncd.conf(5): drop-ins of all directories are read in the order of their names; of one name
/// that in /etc hides that in /run, and so on. Servers that are only added behind timectl's are no
/// override: they are tried last.
std::vector<TimesyncdOverride> timesyncd_overrides(const system::FileReader& files);

/// The servers of timectl's own drop-in; empty without one.
std::vector<std::string> timesyncd_own_servers(const system::FileReader& files);

}  // namespace timectl::facts
