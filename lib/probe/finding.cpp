// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "probe/finding.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace timectl::probe {

std::string to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::skipped:
      return "skipped";
    case Verdict::ok:
      return "ok";
    case Verdict::warning:
      return "warning";
    case Verdict::unknown:
      return "unknown";
    case Verdict::failed:
      return "failed";
  }
  return "unknown";
}

Verdict worst(const std::vector<Finding>& findings) {
  Verdict found = Verdict::skipped;
  for (const auto& finding : findings) found = std::max(found, finding.verdict);
  return found;
}

bool answers_for_change(const std::string& probe) {
  constexpr std::array<std::string_view, 7> answering{
      "chrony.config", "dnsmasq.config", "units.config", "ntp.port",
      "owners",        "files.drift",    network_address};
  return std::find(answering.begin(), answering.end(), probe) != answering.end();
}

}  // namespace timectl::probe
