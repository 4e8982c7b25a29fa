// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "target/render.hpp"

#include "base/error.hpp"
#include "target/draft.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::target {

namespace {

/// One daemon keeps a clock; the parser knows no host that needs two, a hand-built profile might.
void require_one_daemon(const profile::Host& host) {
  const bool wants_timesyncd =
      host.client && host.client->daemon == profile::ClientDaemon::timesyncd;
  if (!wants_timesyncd || !uses_chrony(host)) return;
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
              const TemplateLookup& templates) {
  require_one_daemon(host);
  Draft draft{profile, host, facts, templates};
  add_competitors(draft);
  add_address(draft);
  add_names(draft);
  add_rtc(draft);
  add_chrony(draft);
  add_timesyncd(draft);
  add_dhcp(draft);
  add_monitor(draft);
  add_controller(draft);
  add_aliases(draft);
  add_take_over(draft);
  note_missing_timectl(draft);
  std::sort(draft.target.files.begin(), draft.target.files.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  return std::move(draft.target);
}

}  // namespace timectl::target
