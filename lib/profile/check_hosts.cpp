// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/check.hpp"
#include "profile/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstddef>

namespace timectl::profile {

namespace {

using HostCheck = void (*)(const Site& site, const Host& host);

void poll_bounds_are_in_order(const Site& site, const Host& host) {
  if (!host.client || host.client->poll_min <= host.client->poll_max) return;
  // One of the two may be a default: the other is the one to point at.
  const bool has_min = site.knows(host, "client/poll_min_s");
  site.reject(host, has_min ? "client/poll_min_s" : "client/poll_max_s",
              fmt::format("found a poll interval from {} s to {} s, expected poll_min_s <= "
                          "poll_max_s",
                          host.client->poll_min.count(), host.client->poll_max.count()));
}

void check_power_of_two(const Site& site, const Host& host, const char* key,
                        std::chrono::seconds interval) {
  const auto count = static_cast<unsigned long long>(interval.count());
  if (std::has_single_bit(count)) return;
  site.reject(host, key,
              fmt::format("found {}, expected a power of two such as {}: chrony polls at no other "
                          "intervals",
                          count, std::bit_floor(count)));
}

void chrony_polls_in_powers_of_two(const Site& site, const Host& host) {
  if (!host.client || host.client->daemon != ClientDaemon::chrony) return;
  check_power_of_two(site, host, "client/poll_min_s", host.client->poll_min);
  check_power_of_two(site, host, "client/poll_max_s", host.client->poll_max);
}

void host_follows_or_serves(const Site& site, const Host& host) {
  // Servers follow each other already, and two daemons cannot both steer one clock.
  if (!host.client || (!host.serve && !host.sources)) return;
  site.reject(host, "client",
              fmt::format("found a client that has {} too, expected one of them; a client's own "
                          "sources are its fallback",
                          host.serve ? "serve" : "sources"));
}

void receiver_is_followed(const Site& site, const Host& host) {
  if (!host.gps || !host.client) return;
  site.reject(host, "gps",
              "found a client with a receiver of its own, expected one of them: a host with gps "
              "has the time, and can serve it");
}

void sources_are_not_empty(const Site& site, const Host& host) {
  if (!host.sources || !host.sources->servers.empty() || !host.sources->pools.empty()) return;
  // A list whose only entry is wrong has been reported already.
  if (!site.knows(host, "sources")) return;
  site.reject(host, "sources",
              "found neither servers nor pools, expected at least one; a host without an internet "
              "has \"sources\": false");
}

void allow_list_is_not_empty(const Site& site, const Host& host) {
  if (!site.has_empty_list(host, "serve/allow")) return;
  site.reject(host, "serve/allow",
              "found an empty list, expected at least one subnet; without the key it is the "
              "site's");
}

void controller_is_watched(const Site& site, const Host& host) {
  if (!host.controller || host.monitor) return;
  site.reject(host, "controller",
              "found a controller without monitor, which allows its power saving, expected both or "
              "neither");
}

void controller_follows_the_site(const Site& site, const Host& host) {
  if (!host.controller || host.client) return;
  site.reject(
      host, "controller",
      "found a controller without client, expected both: its power is saved only while this "
      "host follows the site's server");
}

void ticks_keep_their_rhythm(const Site& site, const Host& host) {
  if (!host.monitor || host.monitor->random_delay <= host.monitor->interval) return;
  const bool has_delay = site.knows(host, "monitor/random_delay_s");
  site.reject(host, has_delay ? "monitor/random_delay_s" : "monitor/interval_s",
              fmt::format("found a random delay of {} s, expected no more than interval_s, {} s",
                          host.monitor->random_delay.count(), host.monitor->interval.count()));
}

/// One of the two may be a default: the other is the one to point at.
void warnings_come_first(const Site& site, const Host& host) {
  if (!host.monitor) return;
  const auto& monitor = *host.monitor;
  const auto check = [&](long long warn, long long critical, const std::string& stem,
                         const std::string& unit) {
    if (warn <= critical) return;
    const auto first = "monitor/" + stem + "_warn_" + unit;
    site.reject(
        host, site.knows(host, first) ? first : "monitor/" + stem + "_critical_" + unit,
        fmt::format("found a warning from {} {} on and critical from {} {} on, expected the "
                    "warning first",
                    warn, unit, critical, unit));
  };
  check(monitor.drift_warn_ppm, monitor.drift_critical_ppm, "drift", "ppm");
  check(monitor.bound_warn.count(), monitor.bound_critical.count(), "bound", "s");
}

void check_list(const Site& site, const Host& host, const std::string& list,
                const std::vector<std::string>& sources) {
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto path = fmt::format("{}/{}", list, i);
    const auto address = IpAddress::parse(sources[i]);
    for (const auto& network : site.profile().networks) {
      const bool has_place = address && site.knows(Site::place_of(network, "subnet"));
      const auto wrong = has_place ? no_host_of(network.subnet, *address) : "";
      if (!wrong.empty()) site.reject(host, path, wrong);
    }
    // The same letters twice were found by the decoder.
    const auto earlier =
        std::find_if(sources.begin(), sources.begin() + static_cast<std::ptrdiff_t>(i),
                     [&](const std::string& other) { return is_same_name(other, sources[i]); });
    if (*earlier == sources[i]) continue;
    site.reject(host, path,
                fmt::format("found \"{}\", which is \"{}\" in other letters, expected it once: "
                            "names ignore case",
                            sources[i], *earlier));
  }
}

void sources_are_other_hosts(const Site& site, const Host& host) {
  const auto check = [&](const char* list, const std::vector<std::string>& sources) {
    if (site.knows(host, list)) check_list(site, host, list, sources);
  };
  if (host.sources) check("sources/servers", host.sources->servers);
  if (host.sources) check("sources/pools", host.sources->pools);
  if (host.client) check("client/fallback", host.client->fallback);
}

constexpr HostCheck host_checks[] = {
    poll_bounds_are_in_order,    chrony_polls_in_powers_of_two, host_follows_or_serves,
    sources_are_not_empty,       allow_list_is_not_empty,       controller_is_watched,
    controller_follows_the_site, ticks_keep_their_rhythm,       warnings_come_first,
    sources_are_other_hosts,     receiver_is_followed,
};

}  // namespace

void check_hosts(const Site& site) {
  for (const Host& host : site.profile().hosts) {
    for (const HostCheck check : host_checks) check(site, host);
  }
}

}  // namespace timectl::profile
