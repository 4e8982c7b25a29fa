// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/effective.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <vector>

namespace timectl::profile {

namespace {

using nlohmann::ordered_json;

template <typename Item>
ordered_json texts_of(const std::vector<Item>& items) {
  auto texts = ordered_json::array();
  for (const Item& item : items) texts.push_back(item.text());
  return texts;
}

ordered_json to_json(const RtcFeature& rtc) {
  ordered_json json;
  json["chip"] = rtc.chip;
  json["bus"] = rtc.bus;
  json["address"] = fmt::format("0x{:02x}", rtc.address);
  return json;
}

ordered_json to_json(const SourcesFeature& sources) {
  ordered_json json;
  json["servers"] = sources.servers;
  json["pools"] = sources.pools;
  json["max_sources_per_pool"] = sources.max_sources_per_pool;
  return json;
}

ordered_json to_json(const ServeFeature& serve) {
  ordered_json json;
  json["allow"] = texts_of(serve.allow);
  json["local_stratum"] = serve.local_stratum;
  return json;
}

ordered_json to_json(const ClientFeature& client) {
  ordered_json json;
  json["daemon"] = client.daemon == ClientDaemon::chrony ? "chrony" : "timesyncd";
  json["fallback"] = client.fallback;
  json["poll_min_s"] = client.poll_min.count();
  json["poll_max_s"] = client.poll_max.count();
  json["root_distance_max_s"] = client.root_distance_max.count();
  return json;
}

ordered_json to_json(const DhcpFeature& dhcp) {
  ordered_json json;
  json["advertise_ntp"] = dhcp.advertise_ntp;
  json["reserve_servers"] = dhcp.reserve_servers;
  return json;
}

ordered_json to_json(const PowerLevels& levels) {
  ordered_json json;
  json["traceable"] = levels.traceable;
  json["holdover"] = levels.holdover;
  json["island"] = levels.island;
  return json;
}

ordered_json to_json(const ControllerFeature& controller) {
  ordered_json json;
  json["unit"] = controller.unit;
  json["levels"] = to_json(controller.levels);
  json["startup_grace_s"] = controller.startup_grace.count();
  json["dwell_s"] = controller.dwell.count();
  json["restarts_per_hour"] = controller.restarts_per_hour;
  return json;
}

ordered_json to_json(const MonitorFeature& monitor) {
  ordered_json json;
  json["interval_s"] = monitor.interval.count();
  json["boot_delay_s"] = monitor.boot_delay.count();
  json["random_delay_s"] = monitor.random_delay.count();
  json["drift_warn_ppm"] = monitor.drift_warn_ppm;
  json["drift_critical_ppm"] = monitor.drift_critical_ppm;
  json["bound_warn_s"] = monitor.bound_warn.count();
  json["bound_critical_s"] = monitor.bound_critical.count();
  json["textfile_directory"] = monitor.textfile_directory;
  return json;
}

const char* word_for(Addressing addressing) {
  switch (addressing) {
    case Addressing::none:
      return "none";
    case Addressing::static_address:
      return "static";
    case Addressing::reservation:
      return "reservation";
  }
  return "none";
}

/// Absent features are written as false: a role's preset would bring them back.
template <typename Feature>
ordered_json feature_of(const std::optional<Feature>& feature) {
  return feature ? to_json(*feature) : ordered_json(false);
}

ordered_json to_json(const Host& host) {
  ordered_json json;
  json["role"] = host.role;
  json["address"] = host.address.text();
  json["addressing"] = word_for(host.addressing);
  if (host.interface) json["interface"] = *host.interface;
  if (host.mac) json["mac"] = *host.mac;
  json["rtc"] = feature_of(host.rtc);
  json["sources"] = feature_of(host.sources);
  json["serve"] = feature_of(host.serve);
  json["client"] = feature_of(host.client);
  json["dhcp"] = feature_of(host.dhcp);
  json["controller"] = feature_of(host.controller);
  json["monitor"] = feature_of(host.monitor);
  return json;
}

ordered_json to_json(const SiteNetwork& network) {
  ordered_json json;
  json["subnet"] = network.subnet.text();
  if (network.gateway) json["gateway"] = network.gateway->text();
  json["dns"] = texts_of(network.dns);
  return json;
}

}  // namespace

std::string effective_text(const Profile& profile) {
  auto hosts = ordered_json::object();
  for (const Host& host : profile.hosts) hosts[host.name] = to_json(host);
  ordered_json json;
  json["name"] = profile.name;
  json["description"] = profile.description;
  json["network"] = to_json(profile.network);
  json["hosts"] = std::move(hosts);
  return json.dump(2) + "\n";
}

}  // namespace timectl::profile
