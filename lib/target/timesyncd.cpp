// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "platform/platform.hpp"
#include "profile/networks.hpp"
#include "target/draft.hpp"

namespace timectl::target {

using system::RootedPath;

namespace {

/// FallbackNTP= is never used while NTP= is set: the fallbacks stand in NTP=, behind the servers.
std::string timesyncd_servers(const Draft& draft) {
  std::vector<std::string> servers;
  for (const auto& server : profile::servers_for(draft.profile, draft.host)) {
    servers.push_back(server.address->address.text());
  }
  const auto& fallback = draft.host.client->fallback;
  servers.insert(servers.end(), fallback.begin(), fallback.end());
  return join(servers, " ");
}

}  // namespace

void add_timesyncd(Draft& draft) {
  if (!profile::runs_timesyncd(draft.host)) return;
  const auto& client = *draft.host.client;
  draft.target.packages.emplace_back(platform::timesyncd.package);
  draft.claim({ClaimKind::clock, "system", platform::timesyncd.package, true,
               platform::timesync::own_drop_in});
  Model model;
  model.set("servers", timesyncd_servers(draft));
  model.set("poll_min_s", std::to_string(client.poll_min.count()));
  model.set("poll_max_s", std::to_string(client.poll_max.count()));
  model.set("root_distance_max_s", std::to_string(client.root_distance_max.count()));
  // Older ones ignore the key with a warning at each start.
  model.set("saves_often", Model{draft.facts.has_at_least("systemd", 250, 0)});
  draft.add({.path = RootedPath{platform::timesync::own_drop_in},
             .why = "follows the site's servers, then the fallbacks",
             .reactions = {{ReactionKind::restart, platform::timesyncd.unit}}},
            model);
  draft.add_unit(platform::timesyncd.unit, Enablement::enabled, Activity::running,
                 "keeps the clock");
}

}  // namespace timectl::target
