// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Internal to profile: the tables of keys, one for each kind of object.
#pragma once

#include "profile/keys.hpp"
#include "profile/profile.hpp"

namespace timectl::profile {

/// More hosts than that are not a small site.
constexpr std::size_t most_hosts = 64;

extern const Table<Profile> document_table;
extern const Table<SiteNetwork> network_table;
extern const Table<SiteAddress> address_table;
extern const Table<Host> host_table;
extern const Table<RtcFeature> rtc_table;
extern const Table<GpsFeature> gps_table;
extern const Table<SourcesFeature> sources_table;
extern const Table<ServeFeature> serve_table;
extern const Table<ClientFeature> client_table;
extern const Table<DhcpFeature> dhcp_table;
extern const Table<ControllerFeature> controller_table;
extern const Table<PowerLevels> levels_table;
extern const Table<PowerStep> step_table;
extern const Table<MonitorFeature> monitor_table;

}  // namespace timectl::profile
