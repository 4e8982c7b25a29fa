// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "apply/wait_for_health.hpp"

#include <algorithm>

namespace timectl::apply {

namespace {

constexpr std::chrono::milliseconds pause{500};

}  // namespace

std::vector<Reason> wait_for_health(const std::function<std::vector<Reason>()>& ask,
                                    const system::Clock& clock) {
  const auto start = clock.since_boot();
  for (;;) {
    auto reasons = ask();
    const auto waited = clock.since_boot() - start;
    const bool is_over = std::any_of(reasons.begin(), reasons.end(), [&](const Reason& reason) {
      return waited >= reason.patience;
    });
    if (reasons.empty() || is_over) return reasons;
    clock.sleep(pause);
  }
}

}  // namespace timectl::apply
