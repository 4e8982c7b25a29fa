// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "matchers.hpp"
#include "site.hpp"

using namespace timectl;
using namespace timectl::test;
using facts::NetworkAuthority;

namespace {

facts::Facts facts_of(NetworkAuthority authority, const std::string& interface = "eth0") {
  auto facts = make_facts();
  facts.network = {authority, {"the evidence"}};
  facts.default_interface = interface;
  return facts;
}

render::Target render_server(const facts::Facts& facts, const profile::Profile& site) {
  return render_host(site, site.hosts[0], facts);
}

const auto* const keyfile = "/etc/NetworkManager/system-connections/timectl-eth0.nmconnection";

std::string uuid_of(const render::Target& target) {
  for (const auto& line : lines_of(content_of(target, keyfile))) {
    if (line.starts_with("uuid=")) return line.substr(5);
  }
  return "";
}

}  // namespace

TEST_CASE("systemd-networkd gets the address, gateway and DNS in one file") {
  const auto target = render_server(facts_of(NetworkAuthority::networkd), make_site());
  const auto* file = find_file(target, "/etc/systemd/network/10-timectl-eth0.network");
  REQUIRE(file);
  CHECK_THAT(file->content, has("[Match]\nName=eth0\n\n[Network]\nAddress=192.168.4.2/24\n"
                                "Gateway=192.168.4.1\nDNS=192.168.4.1\n"));
  CHECK(file->reactions ==
        std::vector<render::Reaction>{{render::ReactionKind::network_reload, "networkd:eth0"}});
}

TEST_CASE("NetworkManager gets a connection only root can read, above its own") {
  const auto target = render_server(facts_of(NetworkAuthority::network_manager), make_site());
  const auto* file = find_file(target, keyfile);
  REQUIRE(file);
  CHECK(file->mode == 0600);
  CHECK_THAT(file->content, has("\nautoconnect-priority=100\n"));
  CHECK_THAT(file->content, has("\n[ipv4]\nmethod=manual\naddress1=192.168.4.2/24,192.168.4.1"
                                "\ndns=192.168.4.1;\n"));
  CHECK(file->reactions == std::vector<render::Reaction>{{render::ReactionKind::network_reload,
                                                          "network_manager:timectl-eth0"}});
}

TEST_CASE("the connection's UUID is the same on every run and another for another profile") {
  auto site = make_site();
  const auto facts = facts_of(NetworkAuthority::network_manager);
  const auto uuid = uuid_of(render_server(facts, site));
  CHECK(uuid.size() == 36);
  CHECK(uuid[14] == '8');
  CHECK(uuid_of(render_server(facts, site)) == uuid);
  site.name = "other-site";
  CHECK(uuid_of(render_server(facts, site)) != uuid);
}

TEST_CASE("a site without gateway and DNS gives an address alone") {
  auto site = make_site();
  site.network.gateway.reset();
  site.network.dns.clear();
  const auto connection =
      content_of(render_server(facts_of(NetworkAuthority::network_manager), site), keyfile);
  CHECK_THAT(connection, has("\naddress1=192.168.4.2/24\n") && !has("dns="));
  const auto network = content_of(render_server(facts_of(NetworkAuthority::networkd), site),
                                  "/etc/systemd/network/10-timectl-eth0.network");
  CHECK_THAT(network, !has("Gateway=") && !has("DNS="));
}

TEST_CASE("an IPv6 server's connection is manual in its own section") {
  auto site = make_site();
  site.network = {*Subnet::parse("fd00::/64"), std::nullopt, {}};
  site.hosts[0].address = *IpAddress::parse("fd00::2");
  CHECK_THAT(content_of(render_server(facts_of(NetworkAuthority::network_manager), site), keyfile),
             has("[ipv6]\nmethod=manual\naddress1=fd00::2/64\n\n[ipv4]\nmethod=auto\n"));
}

TEST_CASE("a network owned by anybody else is refused with the evidence and the way out") {
  for (const auto authority : {NetworkAuthority::netplan, NetworkAuthority::dhcpcd,
                               NetworkAuthority::ifupdown, NetworkAuthority::unknown}) {
    try {
      render_server(facts_of(authority), make_site());
      FAIL("not refused");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::refused);
      CHECK_THAT(error.what(), has(to_string(authority) + " (the evidence)"));
      CHECK_THAT(error.hint(), has("\"addressing\""));
    }
  }
}

TEST_CASE("whose network it is does not matter when the address is left alone") {
  auto site = make_site();
  site.hosts[0].addressing = profile::Addressing::reservation;
  CHECK_NOTHROW(render_server(facts_of(NetworkAuthority::unknown), site));
}

TEST_CASE("a static address on NetworkManager's Wi-Fi is refused: it would cut the host off") {
  auto site = make_site();
  auto facts = facts_of(NetworkAuthority::network_manager, "wlan0");
  CHECK_THROWS_WITH(render_server(facts, site), has("'wlan0'") && has("Wi-Fi"));
  system::Interface interface;
  interface.name = "eth0";
  interface.is_wireless = true;
  facts.interfaces = {interface};
  site.hosts[0].interface = "eth0";
  CHECK_THROWS_AS(render_server(facts, site), Error);
}

TEST_CASE("Wi-Fi power save goes off where NetworkManager can be told") {
  auto site = make_site();
  site.hosts[0].addressing = profile::Addressing::reservation;
  const auto* path = "/etc/NetworkManager/conf.d/50-timectl-wifi.conf";
  const auto told = render_server(facts_of(NetworkAuthority::network_manager, "wlan0"), site);
  CHECK_THAT(content_of(told, path),
             has("match-device=interface-name:wlan0\n") && has("\nwifi.powersave=2\n"));
  CHECK_FALSE(has_file(render_server(facts_of(NetworkAuthority::network_manager), site), path));
  const auto noted = render_server(facts_of(NetworkAuthority::networkd, "wlan0"), site);
  CHECK_FALSE(has_file(noted, path));
  CHECK_THAT(noted.notes.front(), has("wlan0 is Wi-Fi"));
}

TEST_CASE("the profile's interface is used before the default route's") {
  auto site = make_site();
  site.hosts[0].interface = "end1";
  CHECK(has_file(render_server(facts_of(NetworkAuthority::networkd), site),
                 "/etc/systemd/network/10-timectl-end1.network"));
}

TEST_CASE("without any interface to be found the profile has to name one") {
  auto facts = facts_of(NetworkAuthority::networkd);
  facts.default_interface.reset();
  CHECK_THROWS_WITH(render_server(facts, make_site()), has("no interface is named"));
}

TEST_CASE("an interface's name cannot lead out of its directory") {
  auto site = make_site();
  for (const auto* wrong : {"../x", "eth0\n", "a b", "", "sixteen-letters-"}) {
    site.hosts[0].interface = wrong;
    CHECK_THROWS_AS(render_server(facts_of(NetworkAuthority::networkd), site), Error);
  }
}
