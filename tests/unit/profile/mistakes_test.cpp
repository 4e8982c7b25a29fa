// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "profile_text.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace timectl;
using test::mistakes_in;
using test::site;

namespace {

struct Case {
  std::string what;
  std::string text;
  std::string message;
};

const std::vector<Case>
    site_mistakes{
        {"several mistakes at once", R"({
  "name": "x",
  "name": "y",
  "network": {"subnet": "192.168.4.2/24", "gatway": 1, "dns": "192.168.4.1"},
  "hosts": {}
})",
         R"(site.json:3:3: /name: found the key a second time, expected it once
site.json:4:25: /network/subnet: found "192.168.4.2/24", expected a subnet without host bits; did you mean "192.168.4.0/24"?
site.json:4:43: /network/gatway: found an unknown key, expected one of subnet, gateway, dns; did you mean "gateway"?
site.json:4:63: /network/dns: found "192.168.4.1", expected a list
site.json:5:12: /hosts: found no host, expected at least one)"},
        {"no network and no hosts", R"({"name": "x"})",
         R"(site.json:1:1: /: missing required key "network" or "networks"
site.json:1:1: /: missing required key "hosts")"},
        {"a name that is no name",
         R"({"name": "../x", "network": {"subnet": "192.168.4.0/24"}, "hosts": {
"a": {"role": "server", "address": "192.168.4.2"}}})",
         R"(site.json:1:10: /name: found "../x", expected a name of at most 64 letters, digits, '.', '_' and '-')"},
        {"a newline in a description",
         R"({"description": "a\nExecStart=/bin/sh", "network": {"subnet": "192.168.4.0/24"}, "hosts": {
"a": {"role": "server", "address": "192.168.4.2"}}})",
         R"(site.json:1:17: /description: found "a\u000aExecStart=/bin/sh", expected text on one line, without control or invisible characters)"},
        {"a Unicode line end in a description",
         R"({"description": "a\u2028b", "network": {"subnet": "192.168.4.0/24"}, "hosts": {
"a": {"role": "server", "address": "192.168.4.2"}}})",
         R"(site.json:1:17: /description: found "a b", expected text on one line, without control or invisible characters)"},
        {"a description that reads backwards",
         R"({"description": "a\u202eb", "network": {"subnet": "192.168.4.0/24"}, "hosts": {
"a": {"role": "server", "address": "192.168.4.2"}}})",
         "site.json:1:17: /description: found \"a\u202eb\", expected text on one line, without "
         "control or invisible characters"},
        {"a specifier in a description",
         R"({"description": "100 %n", "network": {"subnet": "192.168.4.0/24"}, "hosts": {
"a": {"role": "server", "address": "192.168.4.2"}}})",
         R"(site.json:1:17: /description: found "100 %n", expected at most 200 characters without '%' and '\')"},
        {"a subnet without a length", R"({"network": {"subnet": "192.168.4.0"}, "hosts": {
"a": {"role": "server", "address": "192.168.4.2"}}})",
         R"(site.json:1:24: /network/subnet: found "192.168.4.0", expected a subnet such as "192.168.4.0/24")"},
        {"a subnet without room", R"({"network": {"subnet": "192.168.4.2/31"}, "hosts": {
"a": {"role": "server", "address": "192.168.4.2"}}})",
         R"(site.json:1:24: /network/subnet: found "192.168.4.2/31", expected an IPv4 subnet of unicast addresses, from /8 to /30)"},
        {"an IPv6 subnet", R"({"network": {"subnet": "fd00::/64"}, "hosts": {
"a": {"role": "server", "address": "192.168.4.2"}}})",
         R"(site.json:1:24: /network/subnet: found "fd00::/64", expected an IPv4 subnet of unicast addresses, from /8 to /30)"},
        {"a gateway outside of the subnet",
         R"({"network": {"subnet": "192.168.4.0/24", "gateway": "192.168.5.1"}, "hosts": {
"a": {"role": "server", "address": "192.168.4.2"}}})",
         R"(site.json:1:53: /network/gateway: found "192.168.5.1", expected an address in 192.168.4.0/24)"},
        {"the broadcast address as gateway",
         R"({"network": {"subnet": "192.168.4.0/24", "gateway": "192.168.4.255"}, "hosts": {
"a": {"role": "server", "address": "192.168.4.2"}}})",
         R"(site.json:1:53: /network/gateway: found "192.168.4.255", expected the address of a host: the first and the last of 192.168.4.0/24 are the subnet's own and its broadcast address)"},
        {"a name server twice",
         R"({"network": {"subnet": "192.168.4.0/24", "dns": ["192.168.4.1", "192.168.4.1"]}, "hosts": {
"a": {"role": "server", "address": "192.168.4.2"}}})",
         R"(site.json:1:65: /network/dns/1: found "192.168.4.1" a second time, expected it once)"},
        {"a host without role and address", site(R"("a": {})"),
         R"(site.json:2:6: /hosts/a: missing required key "role"
site.json:2:6: /hosts/a: missing required key "address" or "addresses")"},
        {"a host that is no object", site(R"("a": "server")"),
         R"(site.json:2:6: /hosts/a: found "server", expected an object)"},
        {"an unknown role", site(R"("a": {"role": "servr", "address": "192.168.4.2"})"),
         R"(site.json:2:15: /hosts/a/role: found "servr", expected one of server, client, stratum1; did you mean "server"?)"},
        {"a host name with a dot", site(R"("a.b": {"role": "server", "address": "192.168.4.2"})"),
         R"(site.json:2:1: /hosts/a.b: found "a.b", expected a host name: one label of letters, digits and inner hyphens (RFC 1123))"},
        {"a host name with a slash",
         site(R"("a/b": {"role": "server", "address": "192.168.4.2", "bus": 1})"),
         R"(site.json:2:1: /hosts/a~1b: found "a/b", expected a host name: one label of letters, digits and inner hyphens (RFC 1123)
site.json:2:53: /hosts/a~1b/bus: found an unknown key, expected one of role, address, addressing, interface, mac, addresses, rtc, gps, sources, serve, client, dhcp, controller, monitor)"},
        {"a host name that breaks a line",
         site(R"("a\nb": {"role": "server", "address": "192.168.4.2"})"),
         R"(site.json:2:1: /hosts/a\u000ab: found "a\u000ab", expected a host name: one label of letters, digits and inner hyphens (RFC 1123))"},
        {"a host name that dnsmasq takes for a lease time",
         site(R"("12h": {"role": "server", "address": "192.168.4.2"})"),
         R"(site.json:2:1: /hosts/12h: found "12h", expected another host name: this one means something else to DHCP)"},
        {"localhost as a host",
         site(R"("localhost": {"role": "server", "address": "192.168.4.2"})"),
         R"(site.json:2:1: /hosts/localhost: found "localhost", expected another host name: this one means something on every host)"},
        {"half an address", site(R"("a": {"role": "server", "address": "192.168.4"})"),
         R"(site.json:2:36: /hosts/a/address: found "192.168.4", expected an IPv4 address such as "192.168.4.2")"},
        {"an address outside of the subnet",
         site(R"("a": {"role": "server", "address": "192.168.5.2"})"),
         R"(site.json:2:36: /hosts/a/address: found "192.168.5.2", expected an address in 192.168.4.0/24)"},
        {"the subnet's own address", site(R"("a": {"role": "server", "address": "192.168.4.0"})"),
         R"(site.json:2:36: /hosts/a/address: found "192.168.4.0", expected the address of a host: the first and the last of 192.168.4.0/24 are the subnet's own and its broadcast address)"},
        {"an address twice", site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.2"})"),
         R"(site.json:3:36: /hosts/b/address: found "192.168.4.2", which a has, expected an address of its own)"},
        {"a name twice in other letters", site(R"("a": {"role": "server", "address": "192.168.4.2"},
"A": {"role": "client", "address": "192.168.4.3"})"),
         R"(site.json:3:6: /hosts/A: found the name of a in other letters, expected another name: names ignore case)"},
        {"a MAC address twice",
         site(R"("a": {"role": "server", "address": "192.168.4.2", "mac": "b8:27:eb:12:34:56"},
"b": {"role": "client", "address": "192.168.4.3", "mac": "B8-27-EB-12-34-56"})"),
         R"(site.json:3:58: /hosts/b/mac: found "b8:27:eb:12:34:56", which a has, expected one of its own)"},
        {"half a MAC address",
         site(R"("a": {"role": "server", "address": "192.168.4.2", "mac": "b8:27:eb"})"),
         R"(site.json:2:58: /hosts/a/mac: found "b8:27:eb", expected the MAC address of a network interface such as "b8:27:eb:12:34:56")"},
        {"an interface name with a pattern",
         site(R"("a": {"role": "server", "address": "192.168.4.2", "interface": "eth*"})"),
         R"(site.json:2:64: /hosts/a/interface: found "eth*", expected an interface name of 1 to 15 letters, digits, '.', '_' and '-')"},
        {"an interface name that is too long",
         site(
             R"("a": {"role": "server", "address": "192.168.4.2", "interface": "enx001122334455667"})"),
         R"(site.json:2:64: /hosts/a/interface: found "enx001122334455667", expected an interface name of 1 to 15 letters, digits, '.', '_' and '-')"},
        {"an unknown kind of addressing",
         site(R"("a": {"role": "server", "address": "192.168.4.2", "addressing": "dhcp"})"),
         R"(site.json:2:65: /hosts/a/addressing: found "dhcp", expected one of none, static, reservation)"},
        {"a static gateway",
         R"({"network": {"subnet": "192.168.4.0/24", "gateway": "192.168.4.2"}, "hosts": {
"a": {"role": "server", "address": "192.168.4.2", "addressing": "static"}}})",
         R"(site.json:2:65: /hosts/a/addressing: found "static" for the site's gateway, expected "none")"},
        {"an RTC beyond every bus",
         site(
             R"("a": {"role": "server", "address": "192.168.4.2", "rtc": {"chip": "ds1307", "bus": 256, "address": "0x78"}})"),
         R"(site.json:2:84: /hosts/a/rtc/bus: found 256, expected a whole number from 0 to 255
site.json:2:100: /hosts/a/rtc/address: found "0x78", expected an I2C address from "0x03" to "0x77")"},
        {"an I2C address in decimal text",
         site(R"("a": {"role": "server", "address": "192.168.4.2", "rtc": {"address": "68"}})"),
         R"(site.json:2:70: /hosts/a/rtc/address: found "68", expected an I2C address from "0x03" to "0x77")"},
        {"a feature that is true",
         site(R"("a": {"role": "server", "address": "192.168.4.2", "sources": true})"),
         R"(site.json:2:62: /hosts/a/sources: found true, expected an object, or false for a host without it)"},
        {"sources that are none",
         site(
             R"("a": {"role": "server", "address": "192.168.4.2", "sources": {"servers": ["192.168.4.300", "localhost", "127.0.0.1", "a b"], "pools": ["10.0.0.1"]}})"),
         R"(site.json:2:75: /hosts/a/sources/servers/0: found "192.168.4.300", expected the name or the address of another machine: resolvers take this one for an address
site.json:2:92: /hosts/a/sources/servers/1: found "localhost", expected the name or the address of another machine: every host has this name for itself
site.json:2:105: /hosts/a/sources/servers/2: found "127.0.0.1", expected the name or the address of another machine: 127.0.0.1 is a loopback address, every host has it for itself
site.json:2:118: /hosts/a/sources/servers/3: found "a b", expected the name or the address of another machine
site.json:2:136: /hosts/a/sources/pools/0: found "10.0.0.1", expected the host name of a pool: resolvers take this one for an address)"},
        {"a source twice",
         site(
             R"("a": {"role": "server", "address": "192.168.4.2", "sources": {"servers": ["x.org", "x.org"]}})"),
         R"(site.json:2:84: /hosts/a/sources/servers/1: found "x.org" a second time, expected it once)"},
        {"neither servers nor pools",
         site(R"("a": {"role": "server", "address": "192.168.4.2", "sources": {"pools": []}})"),
         R"(site.json:2:62: /hosts/a/sources: found neither servers nor pools, expected at least one; a host without an internet has "sources": false)"},
        {"a server of the site as source",
         site(
             R"("a": {"role": "server", "address": "192.168.4.2", "sources": {"servers": ["192.168.4.2"]}})"),
         R"(site.json:2:75: /hosts/a/sources/servers/0: found "192.168.4.2", expected a source outside of the site: a is asked without being listed)"},
        {"a server of the site as fallback",
         site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.3", "client": {"fallback": ["A"]}})"),
         R"(site.json:3:75: /hosts/b/client/fallback/0: found "A", expected a source outside of the site: a is asked without being listed)"},
        {"too many sources per pool",
         site(
             R"("a": {"role": "server", "address": "192.168.4.2", "sources": {"max_sources_per_pool": 17}})"),
         R"(site.json:2:87: /hosts/a/sources/max_sources_per_pool: found 17, expected a whole number from 1 to 16)"},
        {"an empty allow list",
         site(R"("a": {"role": "server", "address": "192.168.4.2", "serve": {"allow": []}})"),
         R"(site.json:2:70: /hosts/a/serve/allow: found an empty list, expected at least one subnet; without the key it is the site's)"},
        {"an allow list with host bits",
         site(
             R"("a": {"role": "server", "address": "192.168.4.2", "serve": {"allow": ["192.168.4.2/24"]}})"),
         R"(site.json:2:71: /hosts/a/serve/allow/0: found "192.168.4.2/24", expected a subnet without host bits; did you mean "192.168.4.0/24"?)"},
        {"an allow list without the client",
         site(
             R"("a": {"role": "server", "address": "192.168.4.2", "serve": {"allow": ["10.0.0.0/8"]}},
"b": {"role": "client", "address": "192.168.4.3"})"),
         R"(site.json:2:70: /hosts/a/serve/allow: found no subnet with b (192.168.4.3), expected one: it asks this server)"},
        {"a stratum that means unsynchronized",
         site(
             R"("a": {"role": "server", "address": "192.168.4.2", "serve": {"local_stratum": 16}})"),
         R"(site.json:2:78: /hosts/a/serve/local_stratum: found 16, expected a whole number from 8 to 15)"},
        {"a stratum that servers following a pool have",
         site(
             R"("a": {"role": "server", "address": "192.168.4.2", "serve": {"local_stratum": 4}})"),
         R"(site.json:2:78: /hosts/a/serve/local_stratum: found 4, expected a whole number from 8 to 15: below it a server that follows a pool would look like an island)"},
        {"servers with different strata", site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "server", "address": "192.168.4.3", "serve": {"local_stratum": 9}})"),
         R"(site.json:3:78: /hosts/b/serve/local_stratum: found 9, expected 10 as on a: the servers of a site share one)"},
        {"a server that has no time",
         site(
             R"("a": {"role": "server", "address": "192.168.4.2", "rtc": false, "sources": false})"),
         R"(site.json:2:6: /hosts/a/serve: found servers without sources and without rtc, expected one that has the time)"},
        {"a client without a server", site(R"("b": {"role": "client", "address": "192.168.4.3"})"), R"(site.json:2:6: /hosts/b/client: found a client and no host that serves, expected a server)"},
        {"dhcp without a server",
         site(R"("b": {"role": "client", "address": "192.168.4.3", "client": false, "dhcp": {}})"),
         R"(site.json:2:76: /hosts/b/dhcp: found dhcp and no host that serves, expected a server)"},
        {"dhcp on two hosts", site(R"("a": {"role": "server", "address": "192.168.4.2", "dhcp": {}},
"b": {"role": "client", "address": "192.168.4.3", "dhcp": {}})"),
         R"(site.json:3:59: /hosts/b/dhcp: found a second host with dhcp, expected only a)"},
        {"a reservation for the DHCP server",
         site(
             R"("a": {"role": "server", "address": "192.168.4.2", "addressing": "reservation", "dhcp": {}})"),
         R"(site.json:2:65: /hosts/a/addressing: found "reservation" for the DHCP server itself, expected "static" or "none")"},
        {"a reservation that no DHCP server keeps",
         site(R"("a": {"role": "server", "address": "192.168.4.2", "addressing": "reservation"},
"b": {"role": "client", "address": "192.168.4.3", "dhcp": {"reserve_servers": false}})"),
         R"(site.json:2:65: /hosts/a/addressing: found "reservation", expected "static" or "none": b reserves none)"},
        {"a reservation for a client",
         site(R"("a": {"role": "server", "address": "192.168.4.2", "dhcp": {}},
"b": {"role": "client", "address": "192.168.4.3", "addressing": "reservation"})"),
         R"(site.json:3:65: /hosts/b/addressing: found "reservation", expected "static" or "none": a reserves addresses of servers only)"},
        {"a client that serves",
         site(R"("a": {"role": "server", "address": "192.168.4.2", "client": {}})"),
         R"(site.json:2:61: /hosts/a/client: found a client that has serve too, expected one of them; a client's own sources are its fallback)"},
        {"an unknown client daemon", site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.3", "client": {"daemon": "chronyd"}})"),
         R"(site.json:3:72: /hosts/b/client/daemon: found "chronyd", expected one of timesyncd, chrony; did you mean "chrony"?)"},
        {"poll bounds in the wrong order",
         site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.3", "client": {"poll_min_s": 64, "poll_max_s": 32}})"),
         R"(site.json:3:76: /hosts/b/client/poll_min_s: found a poll interval from 64 s to 32 s, expected poll_min_s <= poll_max_s)"},
        {"a poll minimum above the default maximum",
         site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.3", "client": {"poll_min_s": 4096}})"),
         R"(site.json:3:76: /hosts/b/client/poll_min_s: found a poll interval from 4096 s to 2048 s, expected poll_min_s <= poll_max_s)"},
        {"a poll interval that chrony does not have",
         site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.3", "client": {"daemon": "chrony", "poll_min_s": 60}})"),
         R"(site.json:3:96: /hosts/b/client/poll_min_s: found 60, expected a power of two such as 32: chrony polls at no other intervals)"},
        {"a poll interval that is too short",
         site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.3", "client": {"poll_min_s": 8}})"),
         R"(site.json:3:76: /hosts/b/client/poll_min_s: found 8, expected a whole number from 16 to 131072)"},
        {"a root distance that is no time any more",
         site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.3", "client": {"root_distance_max_s": 17}})"),
         R"(site.json:3:85: /hosts/b/client/root_distance_max_s: found 17, expected a whole number from 1 to 16)"},
        {"a fraction of a second", site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.3", "client": {"poll_min_s": 32.5}})"),
         R"(site.json:3:76: /hosts/b/client/poll_min_s: found 32.5, expected a whole number from 16 to 131072)"},
        {"a truth value that is a number",
         site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.3", "dhcp": {"advertise_ntp": 1}})"),
         R"(site.json:3:77: /hosts/b/dhcp/advertise_ntp: found 1, expected true or false)"},
        {"a controller that no check would ever allow to save power",
         site(R"("a": {"role": "server", "address": "192.168.4.2", "controller": {}})"),
         R"(site.json:2:65: /hosts/a/controller: found a controller without client, expected both: its power is saved only while this host follows the site's server)"},
        {"a controller without a monitor",
         site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.3", "controller": {}, "monitor": false})"),
         R"(site.json:3:65: /hosts/b/controller: found a controller without monitor, which allows its power saving, expected both or neither)"},
        {"a unit that is no service", site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.3", "controller": {"unit": "controller.timer"}})"),
         R"(site.json:3:74: /hosts/b/controller/unit: found "controller.timer", expected the name of a unit that ends in .service, of letters, digits, ':', '_', '.', '-', '@')"},
        {"a unit that breaks out of its line",
         site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.3", "controller": {"unit": "a.service\nUser=root.service"}})"),
         R"(site.json:3:74: /hosts/b/controller/unit: found "a.service\u000aUser=root.service", expected text on one line, without control or invisible characters)"},
        {"a unit with a path", site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.3", "controller": {"unit": "../x.service"}})"),
         R"(site.json:3:74: /hosts/b/controller/unit: found "../x.service", expected the name of a unit that ends in .service, of letters, digits, ':', '_', '.', '-', '@')"},
        {"a template without an instance",
         site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.3", "controller": {"unit": "x@.service"}})"),
         R"(site.json:3:74: /hosts/b/controller/unit: found "x@.service", expected the name of a unit that ends in .service, of letters, digits, ':', '_', '.', '-', '@')"},
        {"a monitor that never rests", site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.3", "monitor": {"interval_s": 9}})"),
         R"(site.json:3:77: /hosts/b/monitor/interval_s: found 9, expected a whole number from 10 to 86400)"},
        {"a random delay beyond the interval",
         site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.3", "monitor": {"interval_s": 10, "random_delay_s": 11}})"),
         R"(site.json:3:99: /hosts/b/monitor/random_delay_s: found a random delay of 11 s, expected no more than interval_s, 10 s)"},
        {"a variable that would be three in a unit",
         site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.3", "controller": {"levels": {"island": ["A=1 B=2"]}}})"),
         R"(site.json:3:88: /hosts/b/controller/levels/island/0: found "A=1 B=2", expected "NAME=value" of letters, digits and "._:,/+-"; NTP_SERVER is set by itself)"},
        {"a variable with two values", site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.3", "controller": {"levels": {"island": ["A=1", "A=2"]}}})"),
         R"(site.json:3:87: /hosts/b/controller/levels/island: found A a second time, expected it once)"},
        {"power saving by time that is not trusted",
         site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.3", "controller": {"levels": {"wrong": ["A=1"]}}})"),
         R"(site.json:3:77: /hosts/b/controller/levels/wrong: found an unknown key, expected one of traceable, holdover, island)"},
        {"a warning that comes last", site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.3", "monitor": {"bound_warn_s": 9}})"),
         R"(site.json:3:79: /hosts/b/monitor/bound_warn_s: found a warning from 9 s on and critical from 5 s on, expected the warning first)"},
        {"a directory somewhere else", site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.3", "monitor": {"textfile_directory": "/srv/../etc"}})"),
         R"(site.json:3:85: /hosts/b/monitor/textfile_directory: found "/srv/../etc", expected an absolute path of letters, digits, '/', '.', '_' and '-', without "..")"},
        {"a number beyond every number", site(R"("a": {"role": "server", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.3", "monitor": {"interval_s": 99999999999999999999}})"),
         R"(site.json:3:77: /hosts/b/monitor/interval_s: found 99999999999999999999, expected a whole number from 10 to 86400)"},
    };

}  // namespace

TEST_CASE("every mistake is named with its place, what was found and what was expected") {
  for (const auto& [what, text, message] : site_mistakes) {
    INFO(what);
    CHECK(mistakes_in(text) == message);
  }
}

TEST_CASE("mistakes of many hosts are all reported, up to a hundred lines") {
  std::string hosts;
  for (int i = 0; i < 60; ++i) {
    hosts +=
        (i == 0 ? "" : ",\n") + ("\"h" + std::to_string(i)) + "\": {\"role\": 1, \"address\": 2}";
  }
  const auto lines = lines_of(mistakes_in(site(hosts)));
  REQUIRE(lines.size() == 101);
  CHECK(lines.front().starts_with("site.json:2:16: /hosts/h0/role: found 1,"));
  CHECK(lines.back() == "and 20 more mistakes");
}

TEST_CASE("a distance of island mode that chronyd could not keep, or would never need") {
  for (const auto* wrong : {"9", "1001", "0.1", "\"100\""}) {
    const auto message = mistakes_in(site(std::string{R"("a": {"role": "server",
 "address": "192.168.4.2", "serve": {"local_distance_ms": )"} +
                                          wrong + "}}"));
    INFO(message);
    CHECK(message.starts_with("site.json:3:59: /hosts/a/serve/local_distance_ms: found "));
    CHECK(message.find("from 10 to 1000") != std::string::npos);
  }
}

TEST_CASE("a site has at most 64 hosts") {
  std::string hosts = "\"h\": null";
  for (int i = 0; i < 64; ++i) hosts += ", \"h" + std::to_string(i) + "\": null";
  CHECK(mistakes_in(site(hosts)) == "site.json:1:52: /hosts: found 65 hosts, expected at most 64");
}

TEST_CASE("a misspelled role is not followed by complaints about a missing server") {
  CHECK(mistakes_in(site(R"("a": {"role": "servr", "address": "192.168.4.2"},
"b": {"role": "client", "address": "192.168.4.3"})")) ==
        "site.json:2:15: /hosts/a/role: found \"servr\", expected one of server, client, stratum1; "
        "did you "
        "mean "
        "\"server\"?");
}

TEST_CASE("what the author wrote cannot steer the terminal it is printed on") {
  const auto message = mistakes_in("{\"\\u001b[31m\": 1, \"a\\u009bb\": 2}");
  CHECK_FALSE(message.empty());
  for (const auto& line : lines_of(message)) CHECK_FALSE(has_control_characters(line));
  CHECK(message.find("/\\u001b[31m") != std::string::npos);
  CHECK(message.find("\xc2\x9b") == std::string::npos);
}
