// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/decode.hpp"

#include "profile/fields.hpp"
#include "profile/names.hpp"
#include "profile/values.hpp"

#include <fmt/format.h>

#include <array>
#include <type_traits>

namespace timectl::profile {

namespace {

constexpr int longest_poll = 131072;  // 2^17 s: the longest that NTP knows

constexpr std::array rtc_fields{
    Field<RtcFeature>{"chip", put<&RtcFeature::chip, as_chip>},
    Field<RtcFeature>{"bus", put<&RtcFeature::bus, as_number<0, 255>>},
    Field<RtcFeature>{"address", put<&RtcFeature::address, as_i2c_address>},
};

constexpr std::array sources_fields{
    Field<SourcesFeature>{"servers", put<&SourcesFeature::servers, as_list<as_time_source>>},
    Field<SourcesFeature>{"pools", put<&SourcesFeature::pools, as_list<as_pool>>},
    Field<SourcesFeature>{"max_sources_per_pool",
                          put<&SourcesFeature::max_sources_per_pool, as_number<1, 16>>},
};

constexpr std::array serve_fields{
    Field<ServeFeature>{"allow", put<&ServeFeature::allow, as_list<as_client_subnet>>},
    Field<ServeFeature>{"local_stratum", put<&ServeFeature::local_stratum, as_local_stratum>},
};

constexpr std::array client_fields{
    Field<ClientFeature>{"daemon", put<&ClientFeature::daemon, as_client_daemon>},
    Field<ClientFeature>{"fallback", put<&ClientFeature::fallback, as_list<as_time_source>>},
    Field<ClientFeature>{"poll_min_s", put<&ClientFeature::poll_min, as_seconds<16, longest_poll>>},
    Field<ClientFeature>{"poll_max_s", put<&ClientFeature::poll_max, as_seconds<16, longest_poll>>},
    // The kernel calls a clock unsynchronised from 16 s on.
    Field<ClientFeature>{"root_distance_max_s",
                         put<&ClientFeature::root_distance_max, as_seconds<1, 16>>},
};

constexpr std::array dhcp_fields{
    Field<DhcpFeature>{"advertise_ntp", put<&DhcpFeature::advertise_ntp, as_truth>},
    Field<DhcpFeature>{"reserve_servers", put<&DhcpFeature::reserve_servers, as_truth>},
};

constexpr std::array levels_fields{
    Field<PowerLevels>{"traceable", put<&PowerLevels::traceable, as_environment>},
    Field<PowerLevels>{"holdover", put<&PowerLevels::holdover, as_environment>},
    Field<PowerLevels>{"island", put<&PowerLevels::island, as_environment>},
};

void put_levels(const Spot& spot, ControllerFeature& controller) {
  read_object(spot, levels_fields, controller.levels);
}

constexpr std::array controller_fields{
    Field<ControllerFeature>{"unit", put<&ControllerFeature::unit, as_service_unit>},
    Field<ControllerFeature>{"levels", put_levels},
    Field<ControllerFeature>{"startup_grace_s",
                             put<&ControllerFeature::startup_grace, as_seconds<0, 3600>>},
    Field<ControllerFeature>{"dwell_s", put<&ControllerFeature::dwell, as_seconds<0, 3600>>},
    // Two at least: saving is not begun unless its end is allowed too.
    Field<ControllerFeature>{"restarts_per_hour",
                             put<&ControllerFeature::restarts_per_hour, as_number<2, 60>>},
};

constexpr std::array monitor_fields{
    Field<MonitorFeature>{"interval_s", put<&MonitorFeature::interval, as_seconds<10, 86400>>},
    Field<MonitorFeature>{"boot_delay_s", put<&MonitorFeature::boot_delay, as_seconds<0, 3600>>},
    Field<MonitorFeature>{"random_delay_s",
                          put<&MonitorFeature::random_delay, as_seconds<0, 3600>>},
    Field<MonitorFeature>{"drift_warn_ppm",
                          put<&MonitorFeature::drift_warn_ppm, as_number<1, 1000>>},
    Field<MonitorFeature>{"drift_critical_ppm",
                          put<&MonitorFeature::drift_critical_ppm, as_number<1, 1000>>},
    Field<MonitorFeature>{"bound_warn_s", put<&MonitorFeature::bound_warn, as_seconds<1, 3600>>},
    Field<MonitorFeature>{"bound_critical_s",
                          put<&MonitorFeature::bound_critical, as_seconds<1, 3600>>},
    Field<MonitorFeature>{"textfile_directory",
                          put<&MonitorFeature::textfile_directory, as_metrics_directory>},
};

constexpr std::array network_fields{
    Field<SiteNetwork>{"subnet", put<&SiteNetwork::subnet, as_site_subnet>, Presence::required},
    Field<SiteNetwork>{"gateway", put_or_none<&SiteNetwork::gateway, as_host_address>},
    Field<SiteNetwork>{"dns", put<&SiteNetwork::dns, as_list<as_name_server>>},
};

/// A feature before its own keys are read; both presets and features that no preset has start
/// from it.
template <typename Feature>
Feature fresh() {
  Feature feature;
  if constexpr (std::is_same_v<Feature, SourcesFeature>) {
    feature.pools = {"0.debian.pool.ntp.org", "1.debian.pool.ntp.org"};
  }
  return feature;
}

template <auto member, const auto& table>
void put_feature(const Spot& spot, Host& host) {
  auto& feature = host.*member;
  const bool is_false = spot.value.kind == Value::Kind::boolean && !spot.value.truth;
  if (is_false || spot.value.kind == Value::Kind::null) {
    feature.reset();
  } else if (spot.value.kind == Value::Kind::object) {
    if (!feature) feature = fresh<typename std::decay_t<decltype(feature)>::value_type>();
    read_object(spot, table, *feature);
  } else {
    spot.reject("an object, or false for a host without it");
  }
}

/// The features that a role starts with. It is the table's first key, so the others override it.
void put_role(const Spot& spot, Host& host) {
  const auto role = as_role(spot);
  if (!role) return;
  host.role = *role;
  host.monitor = fresh<MonitorFeature>();
  if (host.role == "server") {
    host.rtc = fresh<RtcFeature>();
    host.sources = fresh<SourcesFeature>();
    host.serve = fresh<ServeFeature>();
  } else {
    host.client = fresh<ClientFeature>();
  }
}

constexpr std::array host_fields{
    Field<Host>{"role", put_role, Presence::required},
    Field<Host>{"address", put<&Host::address, as_host_address>, Presence::required},
    Field<Host>{"addressing", put<&Host::addressing, as_addressing>},
    Field<Host>{"interface", put_or_none<&Host::interface, as_interface>},
    Field<Host>{"mac", put_or_none<&Host::mac, as_mac>},
    Field<Host>{"rtc", put_feature<&Host::rtc, rtc_fields>},
    Field<Host>{"sources", put_feature<&Host::sources, sources_fields>},
    Field<Host>{"serve", put_feature<&Host::serve, serve_fields>},
    Field<Host>{"client", put_feature<&Host::client, client_fields>},
    Field<Host>{"dhcp", put_feature<&Host::dhcp, dhcp_fields>},
    Field<Host>{"controller", put_feature<&Host::controller, controller_fields>},
    Field<Host>{"monitor", put_feature<&Host::monitor, monitor_fields>},
};

Host decode_host(const Spot& spot, const std::string& name) {
  Host host;
  host.name = name;
  read_object(spot, host_fields, host);
  return host;
}

void put_hosts(const Spot& spot, Profile& profile) {
  if (spot.value.kind != Value::Kind::object) return spot.reject("an object, a key for each host");
  if (spot.value.members.size() > most_hosts) {
    return spot.reject(fmt::format("{} hosts", spot.value.members.size()),
                       fmt::format("at most {}", most_hosts));
  }
  for (const Member& member : spot.value.members) {
    const Spot at = spot.member(member);
    if (const auto expected = wrong_host_name(member.key); !expected.empty()) {
      at.mistakes.add(member.at, at.pointer,
                      fmt::format("found {}, expected {}", in_quotes(member.key), expected));
    }
    // null takes away a host of the extended profile.
    if (member.value.kind == Value::Kind::null) continue;
    profile.hosts.push_back(decode_host(at, member.key));
  }
  if (profile.hosts.empty()) spot.reject("no host", "at least one");
}

void put_network(const Spot& spot, Profile& profile) {
  read_object(spot, network_fields, profile.network);
}

constexpr std::array profile_fields{
    Field<Profile>{"$schema", check_only<as_text, Profile>},
    Field<Profile>{"name", put<&Profile::name, as_profile_name>},
    Field<Profile>{"description", put<&Profile::description, as_description>},
    Field<Profile>{"extends", check_only<as_profile_name, Profile>},
    Field<Profile>{"network", put_network, Presence::required},
    Field<Profile>{"hosts", put_hosts, Presence::required},
};

template <typename Table>
ObjectKeys keys_at(const std::string& object, const Table& table) {
  ObjectKeys keys{object, keys_of(table), {}};
  for (const auto& field : table) {
    if (field.presence == Presence::required) keys.required.emplace_back(field.key);
  }
  return keys;
}

}  // namespace

void reject_unknown_keys(const Spot& object, const std::vector<std::string>& known) {
  for (const Member& member : object.value.members) {
    if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
    object.mistakes.add(member.at, pointer_to(object.pointer, member.key),
                        fmt::format("found an unknown key, expected one of {}{}",
                                    fmt::join(known, ", "), suggestion(member.key, known)));
  }
}

Profile decode(const Spot& document) {
  Profile profile;
  read_object(document, profile_fields, profile);
  for (Host& host : profile.hosts) {
    const bool serves_its_subnet = host.serve && host.serve->allow.empty();
    if (serves_its_subnet) host.serve->allow = {profile.network.subnet};
  }
  return profile;
}

std::vector<ObjectKeys> object_keys() {
  return {keys_at("", profile_fields),
          keys_at("/network", network_fields),
          keys_at("/hosts/*", host_fields),
          keys_at("/hosts/*/rtc", rtc_fields),
          keys_at("/hosts/*/sources", sources_fields),
          keys_at("/hosts/*/serve", serve_fields),
          keys_at("/hosts/*/client", client_fields),
          keys_at("/hosts/*/dhcp", dhcp_fields),
          keys_at("/hosts/*/controller", controller_fields),
          keys_at("/hosts/*/controller/levels", levels_fields),
          keys_at("/hosts/*/monitor", monitor_fields)};
}

}  // namespace timectl::profile
