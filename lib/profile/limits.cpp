// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/limits.hpp"

#include "rtc/chips.hpp"

#include <algorithm>

namespace timectl::profile {

int local_stratum(const Profile& profile) {
  const auto servers = profile.servers();
  return servers.empty() ? ServeFeature{}.local_stratum : servers.front()->serve->local_stratum;
}

std::vector<std::string> server_addresses(const Profile& profile) {
  std::vector<std::string> addresses;
  for (const auto* server : profile.servers()) {
    for (const auto& each : server->addresses) addresses.push_back(each.address.text());
  }
  return addresses;
}

namespace {

/// A chip that may run 90 ppm off by its data sheet is in order at 20. What a profile asks of one
/// that the limits fit stays as it is.
void allow_for_chip(const Host& host, Limits& limits) {
  const auto* chip = host.rtc ? rtc::find_chip(host.rtc->chip) : nullptr;
  const double may_ppm = chip ? chip->wander * 1e6 : 0;
  if (may_ppm <= Limits{}.drift_warn_ppm) return;
  limits.drift_warn_ppm = std::max(limits.drift_warn_ppm, may_ppm);
  limits.drift_critical_ppm = std::max(limits.drift_critical_ppm, 2 * may_ppm);
}

}  // namespace

Limits limits_of(const Profile& profile, const Host& host) {
  Limits limits;
  if (host.client) limits.bound = host.client->root_distance_max;
  limits.local_stratum = local_stratum(profile);
  if (host.serve) limits.local_distance = host.serve->local_distance;
  limits.site_servers = server_addresses(profile);
  const auto monitor = host.monitor.value_or(MonitorFeature{});
  limits.longest_without_check = longest_without_tick(monitor);
  limits.bound_warn = monitor.bound_warn;
  limits.bound_critical = monitor.bound_critical;
  limits.drift_warn_ppm = monitor.drift_warn_ppm;
  limits.drift_critical_ppm = monitor.drift_critical_ppm;
  allow_for_chip(host, limits);
  return limits;
}

}  // namespace timectl::profile
