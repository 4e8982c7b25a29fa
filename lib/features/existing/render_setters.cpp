// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/existing/render_setters.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::features {

namespace {

/// The rest is in the evidence of `owners`.
constexpr std::size_t most_notes = 5;

/// Existing configuration that the plan takes away, or refuses.
bool is_handled(const target::Draft& draft, const std::string& file) {
  const auto& existing = draft.facts.existing;
  return std::any_of(existing.begin(), existing.end(),
                     [&](const auto& each) { return each.file == file && each.line == 0; });
}

}  // namespace

void note_clock_setters(target::Draft& draft) {
  const bool has_daemon = profile::time_daemon_of(draft.host) != profile::TimeDaemon::none;
  if (!has_daemon && !draft.host.rtc) return;
  std::size_t count = 0;
  for (const auto& setter : draft.facts.clock_setters.found) {
    if (is_handled(draft, setter.file) || ++count > most_notes) continue;
    draft.note(fmt::format("{} {}, beside timectl: {}", facts::place_of(setter), setter.effect,
                           facts::remedy_for(setter, draft.facts.root)));
  }
  if (count > most_notes) {
    draft.note(
        fmt::format("{} more commands do so: 'timectl --json verify' lists them in the "
                    "evidence of owners",
                    count - most_notes));
  }
}

}  // namespace timectl::features
