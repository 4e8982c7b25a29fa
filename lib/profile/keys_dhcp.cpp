// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/kinds.hpp"
#include "profile/tables.hpp"

namespace timectl::profile {

namespace {

constexpr Field<DhcpFeature> dhcp_fields[] = {
    {.key = "advertise_ntp",
     .access = holds<&DhcpFeature::advertise_ntp, kind::Truth>,
     .description = "Send option 42 (NTP servers)",
     .manual = "Whether clients are told of the servers (option 42)."},
    {.key = "reserve_servers",
     .access = holds<&DhcpFeature::reserve_servers, kind::Truth>,
     .description = "Keep the servers' addresses for them",
     .manual = "Whether the servers' addresses are kept for them."},
};

}  // namespace

constinit const Table<DhcpFeature> dhcp_table{.fields = dhcp_fields, .title = "dhcp"};

}  // namespace timectl::profile
