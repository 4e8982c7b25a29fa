// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/finding.hpp"
#include "profile/profile.hpp"

#include <optional>

namespace timectl::probe {

/// rtc.device as a warning where the host's kept profile says something of its RTC that only an
/// earlier version accepted (Profile::tolerated).
std::optional<Finding> misnamed_rtc(const profile::Profile& profile, const profile::Host& host);

}  // namespace timectl::probe
