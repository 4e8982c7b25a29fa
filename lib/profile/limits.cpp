// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/limits.hpp"

namespace timectl::profile {

int local_stratum(const Profile& profile) {
  const auto servers = profile.servers();
  return servers.empty() ? ServeFeature{}.local_stratum : servers.front()->serve->local_stratum;
}

std::vector<std::string> server_addresses(const Profile& profile) {
  std::vector<std::string> addresses;
  for (const auto* server : profile.servers()) addresses.push_back(server->address.text());
  return addresses;
}

Limits limits_of(const Profile& profile, const Host& host) {
  Limits limits;
  if (host.client) limits.bound = host.client->root_distance_max;
  limits.local_stratum = local_stratum(profile);
  limits.site_servers = server_addresses(profile);
  const auto monitor = host.monitor.value_or(MonitorFeature{});
  limits.longest_without_check = longest_without_tick(monitor);
  limits.bound_warn = monitor.bound_warn;
  limits.bound_critical = monitor.bound_critical;
  limits.drift_warn_ppm = monitor.drift_warn_ppm;
  limits.drift_critical_ppm = monitor.drift_critical_ppm;
  return limits;
}

}  // namespace timectl::profile
