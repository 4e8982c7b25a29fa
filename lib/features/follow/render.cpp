// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "features/follow/rows.hpp"
#include "platform/platform.hpp"
#include "profile/networks.hpp"
#include "target/draft.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace timectl::features {

using system::RootedPath;
using target::Draft;
using target::Model;
using target::ReactionKind;

namespace {

/// chrony takes poll intervals as powers of two.
int log2_seconds(std::chrono::seconds interval) {
  const auto count = std::max<std::chrono::seconds::rep>(interval.count(), 1);
  return static_cast<int>(std::bit_width(static_cast<unsigned long long>(count))) - 1;
}

std::string server_of_the_site(const Draft& draft, const IpAddress& server) {
  // Servers poll each other: without it `orphan` cannot choose one of them. A client of chrony
  // prefers them, so that the fallbacks only step in for a dead site.
  if (!draft.host.client) return fmt::format("server {} iburst", server.text());
  return fmt::format("server {} iburst prefer minpoll {} maxpoll {}", server.text(),
                     log2_seconds(draft.host.client->poll_min),
                     log2_seconds(draft.host.client->poll_max));
}

/// A name may stand for a changing set of servers, of which one is wanted.
std::string fallback_line(const std::string& name) {
  if (IpAddress::parse(name)) return fmt::format("server {} iburst", name);
  return fmt::format("pool {} iburst maxsources 1", name);
}

std::vector<std::string> source_lines(const Draft& draft) {
  std::vector<std::string> lines;
  for (const auto& server : profile::servers_for(draft.profile, draft.host)) {
    lines.push_back(server_of_the_site(draft, server.address->address));
  }
  if (const auto& sources = draft.host.sources) {
    for (const auto& name : sources->servers)
      lines.push_back(fmt::format("server {} iburst", name));
    for (const auto& name : sources->pools) {
      lines.push_back(
          fmt::format("pool {} iburst maxsources {}", name, sources->max_sources_per_pool));
    }
  }
  if (const auto& client = draft.host.client) {
    for (const auto& name : client->fallback) lines.push_back(fallback_line(name));
  }
  return lines;
}

void add_sources_of_chrony(Draft& draft) {
  Model model;
  model.set("sources", target::list_of(source_lines(draft)));
  draft.add({.path = RootedPath{platform::chrony::own_sources},
             .why = "names the servers to follow",
             .reactions = {{ReactionKind::reload_sources, ""}}},
            model);
}

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

void add_limit_of_chrony(Draft& draft) {
  if (!draft.host.client) return;
  const auto limit = draft.host.client->root_distance_max;
  draft.time_daemon().variable("follows", Model{true});
  draft.time_daemon().variable("root_distance_max_s", std::to_string(limit.count()));
}

void add_timesyncd(Draft& draft) {
  const auto& client = *draft.host.client;
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
}

void add_sources(Draft& draft) {
  switch (profile::time_daemon_of(draft.host)) {
    case profile::TimeDaemon::none:
      return;
    case profile::TimeDaemon::timesyncd:
      add_timesyncd(draft);
      return;
    case profile::TimeDaemon::chrony:
      break;
  }
  add_sources_of_chrony(draft);
  add_limit_of_chrony(draft);
}

}  // namespace

constinit const target::Contribution follow_contributions[] = {
    {target::Phase::services, add_sources}};

}  // namespace timectl::features
