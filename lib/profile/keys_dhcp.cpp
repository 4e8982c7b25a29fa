// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/kinds.hpp"
#include "profile/tables.hpp"

namespace timectl::profile {

namespace {

using NetworkNames = ValueAccess<&DhcpFeature::networks, kind::ListOf<kind::NetworkName, 1>>;

/// Not written where it is not given: a site without names of networks has none to write.
struct NetworksOfDhcp : NetworkNames {
  static std::optional<Value> write(const DhcpFeature& dhcp) {
    return dhcp.networks.empty() ? std::nullopt : NetworkNames::write(dhcp);
  }
};

constexpr Field<DhcpFeature> dhcp_fields[] = {
    {.key = "advertise_ntp",
     .access = holds<&DhcpFeature::advertise_ntp, kind::Truth>,
     .description = "Send option 42 (NTP servers)",
     .manual = "Whether clients get the servers' addresses (option 42)."},
    {.key = "reserve_servers",
     .access = holds<&DhcpFeature::reserve_servers, kind::Truth>,
     .description = "Reserve the servers' addresses",
     .manual = "Whether the servers' addresses are reserved."},
    {.key = "networks",
     .access = access_by<NetworksOfDhcp, DhcpFeature>,
     .description = "Names of the networks where it answers. Default: all that the host is in",
     .manual = "A list of the networks where it answers, where another DHCP server (a router) "
               "answers in others.\n"
               "Default: all networks that the host is in.",
     .default_from = Default::derived},
};

}  // namespace

constinit const Table<DhcpFeature> dhcp_table{.fields = dhcp_fields, .title = "dhcp"};

}  // namespace timectl::profile
