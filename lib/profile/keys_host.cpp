// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/keys_network.hpp"
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
    if (host.role == "client") {
      host.client.emplace();
      return;
    }
    host.sources.emplace();
    host.serve.emplace();
    // Its sources are what a receiver that is a second off is found out by.
    if (host.role == "stratum1") host.gps.emplace();
    if (host.role == "server") host.rtc.emplace();
  }
  static std::optional<Value> write(const Host& host) { return text_value(host.role); }
  static Shape shape() { return {Form::value, kind::Role::rule(), {}}; }
};

constexpr Field<Host> host_fields[] = {
    {.key = "role",
     .access = access_by<RoleAccess, Host>,
     .description = "The preset of features that the host starts with",
     .manual = "*server*, *client*, or *stratum1*: a server with a GNSS receiver.",
     .presence = Presence::required},
    {.key = "address",
     .access = only_holds<&SiteAddress::address, kind::HostAddress>,
     .description = "Its IPv4 address, in the site's subnet",
     .manual = "Its IPv4 address in the subnet; no two hosts share one.",
     .presence = Presence::required,
     .instead = "addresses",
     .question = "The server's address"},
    {.key = "addressing",
     .access = only_holds<&SiteAddress::addressing, kind::Addressing>,
     .description = "How the host gets its address: not from timectl (none), from timectl "
                    "(static), or from the site's DHCP server (reservation)",
     .manual = "How it gets this address: *{default}* (timectl leaves it alone, the default), "
               "*static* (timectl writes it to the configuration of the network back end, see "
               "`timectl`(1)) or *reservation* (it asks by DHCP).\nA host of the profile with "
               "`dhcp` reserves addresses of servers only; without such a host the reservation is "
               "the business of another DHCP server."},
    {.key = "interface",
     .access = only_may_hold<&SiteAddress::interface, kind::Interface>,
     .description = "Its interface in the LAN. Default: the one with the default route"},
    {.key = "mac",
     .access = only_may_hold<&SiteAddress::mac, kind::Mac>,
     .description = "The MAC address of that interface. Without it the address is reserved by name",
     .manual = "The MAC address of that interface.\n"
               "Without it the address is reserved by host name."},
    {.key = "addresses",
     .access = access_by<AddressesAccess, Host>,
     .description = "Its address in each network that it is in, where the networks have names",
     .manual = "An object with a key for each network that the host is in: its address there, or "
               "an object, below.\n`addressing`, `interface` and `mac` stand in that object "
               "then.\nWhere an extended profile has such an object, a text changes its `address` "
               "alone.\nA client follows each server by the address in the first network that both "
               "are in, and DHCP clients get the addresses in their own network."},
    {.key = "rtc",
     .access = has_feature<&Host::rtc, rtc_table>,
     .description =
         "A battery-backed clock on an I2C bus, or a Pi 5's own. In the preset of server.",
     .manual = "Its battery-backed clock.",
     .question = "Does it have a {chip} (a clock with a battery)"},
    {.key = "gps",
     .access = has_feature<&Host::gps, gps_table>,
     .description = "A GNSS receiver at a serial port, and its pulse (PPS). In the preset of "
                    "stratum1.",
     .manual = "It has a GNSS receiver, which gpsd reads and chronyd follows."},
    {.key = "sources",
     .access = has_feature<&Host::sources, sources_table>,
     .description =
         "The servers outside of the site that it polls. In the presets of server and stratum1.",
     .manual = "The servers outside of the site that it polls."},
    {.key = "serve",
     .access = has_feature<&Host::serve, serve_table>,
     .description = "Serving NTP to the LAN. In the presets of server and stratum1.",
     .manual = "It serves NTP to the LAN.\n"
               "Needs `sources` or `rtc` on at least one server of the site.",
     .question = "Does this host serve the time to the site"},
    {.key = "client",
     .access = has_feature<&Host::client, client_table>,
     .description = "Synchronizing to the site's servers. In the preset of client.",
     .manual =
         "It synchronizes to the site's servers.\n"
         "A host with `serve` or `sources` cannot be a client: servers follow each other already."},
    {.key = "dhcp",
     .access = has_feature<&Host::dhcp, dhcp_table>,
     .description =
         "Announcing the site's servers to DHCP clients, by dnsmasq. One host of a network has it.",
     .manual = "It is the DHCP server (dnsmasq) of its networks, the only one in each.",
     .question = "Does dnsmasq on this host answer the site's DHCP questions"},
    {.key = "controller",
     .access = has_feature<&Host::controller, controller_table>,
     .description = "The service whose power saving depends on the time. Needs monitor.",
     .manual = "It runs the service whose power saving depends on the time.\n"
               "Needs `client` and `monitor`."},
    {.key = "monitor",
     .access = has_feature<&Host::monitor, monitor_table>,
     .description = "Checking the time periodically. In all presets.",
     .manual = "It checks its time periodically."},
};

}  // namespace

constinit const Table<Host> host_table{
    .fields = host_fields,
    .title = "A host",
    .description = "One machine of the site. null takes away a host of the extended profile."};

}  // namespace timectl::profile
