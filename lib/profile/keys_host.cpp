// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/kinds.hpp"
#include "profile/tables.hpp"

namespace timectl::profile {

namespace {

/// The features that a role starts with. It is the table's first key, so the others override it.
struct RoleAccess {
  static void read(const Spot& spot, Host& host) {
    const auto role = kind::Role::read(spot);
    if (!role) return;
    host.role = *role;
    host.monitor.emplace();
    if (host.role == "server") {
      host.rtc.emplace();
      host.sources.emplace();
      host.serve.emplace();
    } else {
      host.client.emplace();
    }
  }
  static std::optional<Value> write(const Host& host) { return text_value(host.role); }
};

constexpr Field<Host> host_fields[] = {
    {.key = "role", .access = access_by<RoleAccess, Host>, .presence = Presence::required},
    {.key = "address",
     .access = holds<&Host::address, kind::HostAddress>,
     .presence = Presence::required},
    {.key = "addressing", .access = holds<&Host::addressing, kind::Addressing>},
    {.key = "interface", .access = may_hold<&Host::interface, kind::Interface>},
    {.key = "mac", .access = may_hold<&Host::mac, kind::Mac>},
    {.key = "rtc", .access = has_feature<&Host::rtc, rtc_table>},
    {.key = "sources", .access = has_feature<&Host::sources, sources_table>},
    {.key = "serve", .access = has_feature<&Host::serve, serve_table>},
    {.key = "client", .access = has_feature<&Host::client, client_table>},
    {.key = "dhcp", .access = has_feature<&Host::dhcp, dhcp_table>},
    {.key = "controller", .access = has_feature<&Host::controller, controller_table>},
    {.key = "monitor", .access = has_feature<&Host::monitor, monitor_table>},
};

}  // namespace

constinit const Table<Host> host_table{host_fields};

}  // namespace timectl::profile
