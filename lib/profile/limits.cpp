// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/limits.hpp"

namespace timectl::profile {

Limits limits_of(const Profile& profile, const Host& host) {
  Limits limits;
  if (host.client) limits.bound = host.client->root_distance_max;
  const auto servers = profile.servers();
  limits.local_stratum =
      servers.empty() ? ServeFeature{}.local_stratum : servers.front()->serve->local_stratum;
  for (const auto* server : servers) limits.site_servers.push_back(server->address.text());
  const auto monitor = host.monitor.value_or(MonitorFeature{});
  limits.longest_without_check = longest_without_tick(monitor);
  limits.bound_warn = monitor.bound_warn;
  limits.bound_critical = monitor.bound_critical;
  limits.drift_warn_ppm = monitor.drift_warn_ppm;
  limits.drift_critical_ppm = monitor.drift_critical_ppm;
  return limits;
}

}  // namespace timectl::profile
