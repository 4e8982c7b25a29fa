// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/time_daemons.hpp"

#include <optional>
#include <string>
#include <vector>

namespace timectl::system::os {

/// What systemd-timesyncd says over the system bus; nullopt when its name has no owner there.
/// Asking does not start it.
std::optional<TimesyncState> read_timesync();

/// SetRuntimeNTPServers. Throws Error{missing} when timesyncd does not run.
void set_timesync_servers(const std::vector<std::string>& servers);

}  // namespace timectl::system::os
