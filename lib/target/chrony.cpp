// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/address.hpp"
#include "base/error.hpp"
#include "platform/platform.hpp"
#include "profile/networks.hpp"
#include "target/draft.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace timectl::target {

using system::RootedPath;

namespace {

const Reaction restart_chrony{ReactionKind::restart, platform::chronyd.unit};

/// conf.d and sources.d are read by the stock chrony.conf of 4.0 and later.
void require_directories(const facts::Facts& facts) {
  const auto chrony = facts.packages.find(platform::chronyd.package);
  if (chrony == facts.packages.end() || chrony->second.major >= 4) return;
  throw Error{ErrorKind::refused,
              fmt::format("cannot configure 'chrony': version {} reads no confdir, 4.0 is needed",
                          chrony->second.text)};
}

Model text_list(const std::vector<std::string>& values) {
  ModelList list;
  for (const auto& value : values) list.push_back(Model{"value", value});
  return Model{list};
}

std::vector<std::string> allowed(const profile::Host& host) {
  std::vector<std::string> subnets;
  if (!host.serve) return subnets;
  bool has_v6 = false;
  for (const auto& subnet : host.serve->allow) {
    subnets.push_back(subnet.network().text());
    has_v6 = has_v6 || subnet.address.family() == IpAddress::Family::v6;
  }
  // An allow list denies everybody else, this host's own question included.
  subnets.emplace_back("127.0.0.0/8");
  if (has_v6) subnets.emplace_back("::1/128");
  return subnets;
}

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
std::string fallback(const std::string& name) {
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
    for (const auto& name : client->fallback) lines.push_back(fallback(name));
  }
  return lines;
}

void add_sources(Draft& draft) {
  Model model;
  model.set("sources", text_list(source_lines(draft)));
  draft.add({.path = RootedPath{platform::chrony::own_sources},
             .why = "names the servers to follow",
             .reactions = {{ReactionKind::reload_sources, ""}}},
            model);
}

void add_service_drop_in(Draft& draft) {
  Model model;
  model.set("timectl", draft.timectl());
  model.set("serves", Model{draft.host.serve.has_value()});
  draft.add({.path = RootedPath{platform::chrony::own_unit_drop_in},
             .why = draft.host.serve ? "enables island mode at each start, revives a dead chronyd"
                                     : "revives a dead chronyd",
             .reactions = {{ReactionKind::daemon_reload, ""}, restart_chrony}},
            model);
}

/// Other time daemons need no claim: add_competitors() stops them.
void claim_for_chrony(Draft& draft) {
  draft.claim(
      {ClaimKind::clock, "system", platform::chronyd.program, true, platform::chrony::own_drop_in});
  if (!draft.host.serve) return;
  draft.claim(
      {ClaimKind::udp_port, "123", platform::chronyd.program, true, platform::chrony::own_drop_in});
}

}  // namespace

void add_chrony(Draft& draft) {
  if (!profile::runs_chrony(draft.host)) return;
  require_directories(draft.facts);
  draft.target.packages.emplace_back(platform::chronyd.package);
  claim_for_chrony(draft);
  add_sources(draft);
  add_service_drop_in(draft);
  draft.add_unit(platform::chronyd.unit, Enablement::enabled, Activity::running, "keeps the clock");
}

void add_chrony_configuration(Draft& draft) {
  if (!profile::runs_chrony(draft.host)) return;
  const auto& host = draft.host;
  Model model;
  model.set("allowed", text_list(allowed(host)));
  model.set("serves", Model{host.serve.has_value()});
  const bool follows = host.client.has_value();
  model.set("follows", Model{follows});
  model.set("root_distance_max_s",
            follows ? std::to_string(host.client->root_distance_max.count()) : "");
  const RootedPath path{platform::chrony::own_drop_in};
  model.set("slots", chrony_slots(draft, path));
  draft.add({.path = path,
             .why = host.serve ? "lets the site ask for the time" : "limits which time is accepted",
             .reactions = {restart_chrony}},
            model);
}

void add_competitors(Draft& draft) {
  std::string ours;
  switch (profile::time_daemon_of(draft.host)) {
    case profile::TimeDaemon::none:
      return;
    case profile::TimeDaemon::chrony:
      ours = platform::chronyd.package;
      break;
    case profile::TimeDaemon::timesyncd:
      ours = platform::timesyncd.package;
      break;
  }
  for (const auto& daemon : platform::time_daemons) {
    if (daemon.package == ours) continue;
    draft.forbid_unit(daemon.unit,
                      fmt::format("two daemons on one clock fight; {} keeps it", ours));
    if (draft.facts.packages.count(daemon.package) != 0) {
      draft.target.excluded_packages.emplace_back(daemon.package);
    }
  }
}

}  // namespace timectl::target
