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
  return {{"chip", rtc.chip}, {"bus", rtc.bus}, {"address", fmt::format("0x{:02x}", rtc.address)}};
}

ordered_json to_json(const SourcesFeature& sources) {
  return {{"servers", sources.servers},
          {"pools", sources.pools},
          {"max_sources_per_pool", sources.max_sources_per_pool}};
}

ordered_json to_json(const ServeFeature& serve) {
  return {{"allow", texts_of(serve.allow)}, {"local_stratum", serve.local_stratum}};
}

ordered_json to_json(const ClientFeature& client) {
  return {{"daemon", client.daemon == ClientDaemon::chrony ? "chrony" : "timesyncd"},
          {"fallback", client.fallback},
          {"poll_min_s", client.poll_min.count()},
          {"poll_max_s", client.poll_max.count()},
          {"root_distance_max_s", client.root_distance_max.count()}};
}

ordered_json to_json(const DhcpFeature& dhcp) {
  return {{"advertise_ntp", dhcp.advertise_ntp}, {"reserve_servers", dhcp.reserve_servers}};
}

ordered_json to_json(const PowerLevels& levels) {
  return {
      {"traceable", levels.traceable}, {"holdover", levels.holdover}, {"island", levels.island}};
}

ordered_json to_json(const ControllerFeature& controller) {
  return {{"unit", controller.unit},
          {"levels", to_json(controller.levels)},
          {"startup_grace_s", controller.startup_grace.count()},
          {"dwell_s", controller.dwell.count()},
          {"restarts_per_hour", controller.restarts_per_hour}};
}

ordered_json to_json(const MonitorFeature& monitor) {
  return {{"interval_s", monitor.interval.count()},
          {"boot_delay_s", monitor.boot_delay.count()},
          {"random_delay_s", monitor.random_delay.count()},
          {"drift_warn_ppm", monitor.drift_warn_ppm},
          {"drift_critical_ppm", monitor.drift_critical_ppm},
          {"bound_warn_s", monitor.bound_warn.count()},
          {"bound_critical_s", monitor.bound_critical.count()},
          {"textfile_directory", monitor.textfile_directory}};
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
  ordered_json json{{"role", host.role},
                    {"address", host.address.text()},
                    {"addressing", word_for(host.addressing)}};
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
  ordered_json json{{"subnet", network.subnet.text()}};
  if (network.gateway) json["gateway"] = network.gateway->text();
  json["dns"] = texts_of(network.dns);
  return json;
}

}  // namespace

std::string effective_text(const Profile& profile) {
  auto hosts = ordered_json::object();
  for (const Host& host : profile.hosts) hosts[host.name] = to_json(host);
  const ordered_json json{{"name", profile.name},
                          {"description", profile.description},
                          {"network", to_json(profile.network)},
                          {"hosts", hosts}};
  return json.dump(2) + "\n";
}

}  // namespace timectl::profile
