// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "target/render.hpp"

#include "base/error.hpp"
#include "target/draft.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace timectl::target {

namespace {

/// One daemon keeps a clock; the parser knows no host that needs two, a hand-built profile might.
void require_one_daemon(const profile::Host& host) {
  const bool wants_timesyncd =
      host.client && host.client->daemon == profile::ClientDaemon::timesyncd;
  if (!wants_timesyncd || profile::runs_timesyncd(host)) return;
  throw Error{ErrorKind::profile,
              fmt::format("cannot render host '{}': it serves time, which needs chrony, and "
                          "follows by timesyncd",
                          host.name),
              "set client.daemon to chrony"};
}

void note_missing_timectl(Draft& draft) {
  if (draft.facts.timectl_path) return;
  draft.note(fmt::format("timectl is not installed there; the units call {}", draft.timectl()));
}

}  // namespace

Target render(const profile::Profile& profile, const profile::Host& host, const facts::Facts& facts,
              std::span<const Contribution> contributions, const TemplateLookup& templates) {
  require_one_daemon(host);
  std::vector<Contribution> rows{{Phase::clock, add_competitors},
                                 {Phase::services, add_time_daemon}};
  rows.insert(rows.end(), contributions.begin(), contributions.end());
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.phase < b.phase; });
  Draft draft{profile, host, facts, templates};
  for (const auto& row : rows) row.add(draft);
  add_chrony_configuration(draft);
  add_firmware(draft);
  refuse_overlay_root(draft);
  refuse_time_daemon_slots(draft);
  note_missing_timectl(draft);
  for (auto& conflict : conflicts_of(draft.claims())) {
    draft.target.conflicts.push_back(std::move(conflict));
  }
  std::sort(draft.target.files.begin(), draft.target.files.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  return std::move(draft.target);
}

}  // namespace timectl::target
