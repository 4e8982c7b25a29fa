// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "probe/misnamed_rtc.hpp"

#include "base/text.hpp"
#include "probe/rows.hpp"

namespace timectl::probe {

std::optional<Finding> misnamed_rtc(const profile::Profile& profile, const profile::Host& host) {
  const auto lines = profile.tolerated_of(host);
  if (lines.empty()) return std::nullopt;
  return Finding{row::rtc_device,
                 Verdict::warning,
                 "this version refuses what the profile says of the RTC",
                 {},
                 join(lines, "; "),
                 "correct the profile, then timectl provision"};
}

}  // namespace timectl::probe
