// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// What a host in several networks becomes: a hub with two legs, and a client in each.
#include "base/error.hpp"
#include "base/text.hpp"
#include "matchers.hpp"
#include "site.hpp"
#include "support/catch.hpp"

#include <functional>

using namespace timectl;
using namespace timectl::test;
using facts::NetworkBackendName;
using profile::Addressing;

namespace {

IpAddress ip(const char* text) { return *IpAddress::parse(text); }

/// The hub's legs are static; the hotspot's gateway is the hub.
profile::Profile two_networks() {
  auto site = make_site();
  site.networks = {
      {"lan", *Subnet::parse("192.168.1.0/24"), ip("192.168.1.1"), {ip("192.168.1.1")}},
      {"hotspot", *Subnet::parse("10.3.141.0/24"), ip("10.3.141.1"), {ip("10.3.141.1")}}};
  auto& hub = site.hosts[0];
  hub.name = "hub";
  hub.addresses = {
      {"lan", ip("192.168.1.5"), Addressing::static_address, "eth0", std::nullopt},
      {"hotspot", ip("10.3.141.1"), Addressing::static_address, "wlan0", std::nullopt}};
  hub.serve->allow = {site.networks[0].subnet, site.networks[1].subnet};
  hub.dhcp = profile::DhcpFeature{};
  auto& client = site.hosts[1];
  client.addresses = {{"hotspot", ip("10.3.141.20")}};
  client.dhcp.reset();
  return site;
}

target::Target hub_of(const profile::Profile& site,
                      NetworkBackendName backend = NetworkBackendName::networkd) {
  auto facts = make_facts();
  facts.network.backend = backend;
  return render_host(site, site.hosts[0], facts);
}

constexpr auto hub_dnsmasq = "/etc/dnsmasq.d/timectl.conf";

}  // namespace

TEST_CASE("dnsmasq tells each network of the server's address there, by the interface's tag") {
  const auto text = content_of(hub_of(two_networks()), hub_dnsmasq);
  CHECK_THAT(text, has("\ndhcp-option=tag:eth0,option:ntp-server,192.168.1.5\n"));
  CHECK_THAT(text, has("\ndhcp-option=tag:wlan0,option:ntp-server,10.3.141.1\n"));
  CHECK_THAT(text, has("\ndhcp-host=hub,192.168.1.5\n") && has("\ndhcp-host=hub,10.3.141.1\n"));
  CHECK_THAT(text, has("\nlocalise-queries\n"));
}

TEST_CASE("dnsmasq is told of no network where another DHCP server answers") {
  auto site = two_networks();
  site.hosts[0].dhcp->networks = {"hotspot"};
  const auto text = content_of(hub_of(site), hub_dnsmasq);
  CHECK_THAT(text, !has("tag:eth0") && has("tag:wlan0") && !has("192.168.1.5"));
}

TEST_CASE("a network that the server does not serve is not told of it") {
  auto site = two_networks();
  site.hosts[0].serve->allow = {site.networks[0].subnet};
  CHECK_THAT(content_of(hub_of(site), hub_dnsmasq), has("tag:eth0") && !has("tag:wlan0"));
}

TEST_CASE("the cards of a server's legs are kept apart by the networks of their leases") {
  auto site = two_networks();
  auto facts = make_facts();
  facts.cards = {{ip("192.168.1.77"), "hub", "b8:27:eb:00:00:01", facts::CardEvidence::lease, "x"},
                 {ip("10.3.141.77"), "hub", "b8:27:eb:00:00:02", facts::CardEvidence::lease, "x"}};
  const auto text = content_of(render_host(site, site.hosts[0], facts), hub_dnsmasq);
  CHECK_THAT(text, has("\ndhcp-host=b8:27:eb:00:00:01,192.168.1.5,hub\n") &&
                       has("\ndhcp-host=b8:27:eb:00:00:02,10.3.141.1,hub\n"));
}

TEST_CASE("VLANs of one interface share its MAC address, and each has its reservation") {
  auto site = two_networks();
  for (auto& address : site.hosts[0].addresses) address.mac = "b8:27:eb:00:00:01";
  CHECK_THAT(content_of(hub_of(site), hub_dnsmasq),
             has("\ndhcp-host=b8:27:eb:00:00:01,192.168.1.5,hub\n") &&
                 has("\ndhcp-host=b8:27:eb:00:00:01,10.3.141.1,hub\n"));
}

TEST_CASE("chronyd serves both networks, and the monitor asks in its own alone") {
  const auto site = two_networks();
  const auto hub = hub_of(site);
  CHECK_THAT(content_of(hub, "/etc/chrony/conf.d/50-timectl.conf"),
             has("\nallow 192.168.1.0/24\nallow 10.3.141.0/24\n"));
  const auto* unit = "/etc/systemd/system/timectl-monitor.service";
  CHECK_THAT(content_of(hub, unit),
             has("\nIPAddressAllow=localhost 192.168.1.0/24 10.3.141.0/24\n"));
  CHECK_THAT(content_of(render_client(site), unit),
             has("\nIPAddressAllow=localhost 10.3.141.0/24\n"));
}

TEST_CASE("a client follows and names the server by its address in the client's network") {
  const auto client = render_client(two_networks());
  CHECK_THAT(content_of(client, "/etc/systemd/timesyncd.conf.d/50-timectl.conf"),
             has("\nNTP=10.3.141.1 0.debian.pool.ntp.org\n"));
  CHECK_THAT(content_of(client, "/etc/hosts"), has("10.3.141.1 hub\n") && !has("192.168.1.5"));
}

TEST_CASE("a host in both networks knows both addresses, and a stranger's network by the first") {
  auto site = two_networks();
  site.hosts.push_back(make_client("other", "192.168.1.20"));
  site.hosts.back().addresses[0].network = "lan";
  CHECK_THAT(content_of(hub_of(site), "/etc/hosts"),
             has("192.168.1.5 hub\n10.3.141.1 hub\n10.3.141.20 main-pi\n192.168.1.20 other\n"));
  CHECK_THAT(content_of(render_client(site), "/etc/hosts"), has("192.168.1.20 other\n"));
}

TEST_CASE("one address alone has the default route and the name servers") {
  const auto hub = hub_of(two_networks());
  CHECK_THAT(content_of(hub, "/etc/systemd/network/10-timectl-eth0.network"),
             has("Address=192.168.1.5/24\nGateway=192.168.1.1\nDNS=192.168.1.1\n"));
  CHECK_THAT(content_of(hub, "/etc/systemd/network/10-timectl-wlan0.network"),
             has("Address=10.3.141.1/24\n") && !has("Gateway=") && !has("DNS="));
  auto site = two_networks();
  site.networks[1].gateway = ip("10.3.141.254");
  std::swap(site.hosts[0].addresses[0], site.hosts[0].addresses[1]);
  const auto other = hub_of(site);
  CHECK_THAT(content_of(other, "/etc/systemd/network/10-timectl-eth0.network"), !has("Gateway="));
  CHECK_THAT(content_of(other, "/etc/systemd/network/10-timectl-wlan0.network"),
             has("Gateway=10.3.141.254\n"));
}

TEST_CASE("an address that others give keeps the default route: timectl adds no second one") {
  auto site = two_networks();
  site.networks[1].gateway = ip("10.3.141.254");
  site.hosts[0].addresses[0].addressing = Addressing::none;
  const auto hub = hub_of(site);
  CHECK_FALSE(has_file(hub, "/etc/systemd/network/10-timectl-eth0.network"));
  CHECK_THAT(content_of(hub, "/etc/systemd/network/10-timectl-wlan0.network"), !has("Gateway="));
}

TEST_CASE("dhcpcd has a section for each interface, in one block") {
  const auto hub = hub_of(two_networks(), NetworkBackendName::dhcpcd);
  CHECK_THAT(content_of(hub, "/etc/dhcpcd.conf"),
             has("\ninterface eth0\nstatic ip_address=192.168.1.5/24\nstatic routers=192.168.1.1\n"
                 "static domain_name_servers=192.168.1.1\n\n"
                 "interface wlan0\nstatic ip_address=10.3.141.1/24\n"));
  CHECK(find_file(hub, "/etc/dhcpcd.conf")->reactions.size() == 2);
}

TEST_CASE("netplan has a file for each interface") {
  auto site = two_networks();
  site.hosts[0].addresses[1].interface = "eth1";
  const auto hub = hub_of(site, NetworkBackendName::netplan);
  CHECK_THAT(content_of(hub, "/etc/netplan/90-timectl.yaml"),
             has("\n    \"eth0\":\n") && has("\"192.168.1.5/24\""));
  CHECK_THAT(content_of(hub, "/etc/netplan/90-timectl-eth1.yaml"),
             has("\n    \"eth1\":\n") && has("\"10.3.141.1/24\"") && !has("routes:"));
}

TEST_CASE("a refusal names the address that cannot be given") {
  CHECK_THROWS_WITH(hub_of(two_networks(), NetworkBackendName::network_manager),
                    has("its address 10.3.141.1: 'wlan0' is Wi-Fi"));
}

namespace {

/// What stands in the way of the hub, whose legs are as `change` leaves them; eth0 has the LAN's
/// address now.
std::vector<target::Conflict> conflicts_of_legs(
    const std::function<void(std::vector<profile::SiteAddress>&)>& change) {
  auto site = two_networks();
  site.hosts[0].dhcp.reset();
  change(site.hosts[0].addresses);
  auto facts = make_facts();
  facts.interfaces = {{.name = "eth0", .addresses = {*Subnet::parse("192.168.1.5/24")}},
                      {.name = "wlan0"}};
  return render_host(site, site.hosts[0], facts).conflicts;
}

}  // namespace

TEST_CASE("two networks whose addresses are to be of one interface are refused with both") {
  const auto conflicts = conflicts_of_legs([](auto& legs) { legs[1].interface = "eth0"; });
  REQUIRE(conflicts.size() == 1);
  CHECK(conflicts[0].reason ==
        "the address of eth0 can have one owner only, and both 192.168.1.5 of network lan "
        "(\"interface\" of host 'hub' in the profile) and 10.3.141.1 of network hotspot "
        "(\"interface\" of host 'hub' in the profile) use it");
}

TEST_CASE("the interface that has another network's address is not given a static one") {
  const auto conflicts = conflicts_of_legs([](auto& legs) {
    legs[0].addressing = Addressing::none;
    legs[0].interface.reset();
    legs[1].interface = "eth0";
  });
  REQUIRE(conflicts.size() == 1);
  CHECK_THAT(conflicts[0].reason, has("10.3.141.1 of network hotspot") &&
                                      has("192.168.1.5 of network lan (the addresses of eth0)"));
}

TEST_CASE("each network's own interface, and an address that moves away, are no conflict") {
  CHECK(conflicts_of_legs([](auto&) {}).empty());
  CHECK(conflicts_of_legs([](auto& legs) { legs[0].addressing = Addressing::none; }).empty());
  CHECK(conflicts_of_legs([](auto& legs) {
          legs[0].addressing = Addressing::none;
          legs[0].interface = "wlan0";
          legs[1].interface = "eth0";
        }).empty());
  CHECK(conflicts_of_legs([](auto& legs) {
          legs[0].interface = "wlan0";
          legs[1].interface = "eth0";
        }).empty());
}
