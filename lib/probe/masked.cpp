// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "probe/masked.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

namespace timectl::probe {

std::string unmask_command(const std::string& unit, const system::UnitState& state) {
  const auto& place = state.fragment_path;
  if (place.starts_with("/run/systemd/system/")) {
    return fmt::format("systemctl unmask --runtime {}", unit);
  }
  const bool is_fixed = place.starts_with("/usr/") || place.starts_with("/lib/");
  return is_fixed ? fmt::format("rm {} && systemctl daemon-reload", shell_quoted(place))
                  : fmt::format("systemctl unmask {}", unit);
}

Finding warn_if_masked(Finding finding, const std::string& unit,
                       const system::ServiceReader& services) {
  if (finding.verdict != Verdict::ok) return finding;
  try {
    const auto state = services.state(unit);
    if (!state.is_masked()) return finding;
    finding.verdict = Verdict::warning;
    finding.cause =
        fmt::format("{} is masked: it runs until it stops, and no boot starts it", unit);
    finding.remedy = unmask_command(unit, state);
  } catch (const Error&) {
    return finding;
  }
  return finding;
}

}  // namespace timectl::probe
