// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "matchers.hpp"
#include "site.hpp"

#include <fmt/format.h>

#include <algorithm>

using namespace timectl;
using namespace timectl::test;
using facts::NetworkBackendName;

namespace {

facts::Facts facts_of(NetworkBackendName backend, const std::string& interface = "eth0") {
  auto facts = make_facts();
  facts.network = {backend, {"the evidence"}};
  facts.default_interface = interface;
  return facts;
}

target::Target render_server(const facts::Facts& facts, const profile::Profile& site) {
  return render_host(site, site.hosts[0], facts);
}

const auto* const keyfile = "/etc/NetworkManager/system-connections/timectl-eth0.nmconnection";

std::string uuid_of(const target::Target& target) {
  for (const auto& line : lines_of(content_of(target, keyfile))) {
    if (line.starts_with("uuid=")) return line.substr(5);
  }
  return "";
}

}  // namespace

TEST_CASE("each network back end has a file that gives the address, and is reloaded for it") {
  for (const auto& backend : platform::network_backends) {
    INFO(backend.word);
    auto facts = facts_of(backend.name);
    facts.network.sources = {"/etc/network/interfaces.d/*"};
    const auto target = render_server(facts, make_site());
    const auto gives = [&](const target::DesiredFile& file) {
      return file.content.find("192.168.4.2") != std::string::npos && !file.reactions.empty() &&
             file.reactions.front().kind == target::ReactionKind::network_reload &&
             file.reactions.front().subject.starts_with(std::string{backend.key} + ":");
    };
    CHECK(std::any_of(target.files.begin(), target.files.end(), gives));
  }
}

TEST_CASE("systemd-networkd gets the address, gateway and DNS in one file") {
  const auto target = render_server(facts_of(NetworkBackendName::networkd), make_site());
  const auto* file = find_file(target, "/etc/systemd/network/10-timectl-eth0.network");
  REQUIRE(file);
  CHECK_THAT(file->content, has("[Match]\nName=eth0\n\n[Network]\nAddress=192.168.4.2/24\n"
                                "Gateway=192.168.4.1\nDNS=192.168.4.1\n"));
  CHECK(file->reactions ==
        std::vector<target::Reaction>{{target::ReactionKind::network_reload, "networkd:eth0"}});
}

TEST_CASE("NetworkManager gets a connection only root can read, above its own") {
  const auto target = render_server(facts_of(NetworkBackendName::network_manager), make_site());
  const auto* file = find_file(target, keyfile);
  REQUIRE(file);
  CHECK(file->mode == 0600);
  CHECK_THAT(file->content, has("\nautoconnect-priority=100\n"));
  CHECK_THAT(file->content, has("\n[ipv4]\nmethod=manual\naddress1=192.168.4.2/24,192.168.4.1"
                                "\ndns=192.168.4.1;\n"));
  CHECK(file->reactions == std::vector<target::Reaction>{{target::ReactionKind::network_reload,
                                                          "network_manager:timectl-eth0"}});
}

TEST_CASE("a connection that NetworkManager prefers at the next boot is in the way") {
  auto facts = facts_of(NetworkBackendName::network_manager);
  facts.connections = {{"own", keyfile, "eth0", 100},
                       {"wired", "/etc/x.nmconnection", "eth0", 99},
                       {"other", "/etc/x.nmconnection", "eth1", 999}};
  CHECK(render_server(facts, make_site()).conflicts.empty());
  for (const auto* interface : {"eth0", ""}) {
    facts.connections = {{"lab", "/etc/lab.nmconnection", interface, 999}};
    const auto target = render_server(facts, make_site());
    REQUIRE(target.conflicts.size() == 1);
    CHECK_THAT(target.conflicts[0].reason, has("/etc/lab.nmconnection"));
    CHECK(target.conflicts[0].remedy ==
          "nmcli connection modify 'lab' connection.autoconnect-priority 0");
  }
  // Of another card, or for other names, it is not.
  facts.interfaces = {{.name = "eth0", .mac = "b8:27:eb:12:34:56"}};
  struct Row {
    std::vector<std::string> match;
    std::string mac;
    bool wins;
  };
  for (const auto& row : std::vector<Row>{{{}, "b8:27:eb:12:34:56", true},
                                          {{}, "b8:27:eb:00:00:01", false},
                                          {{"eth*"}, "", true},
                                          {{"wlan*"}, "", false},
                                          {{"!eth0"}, "", false}}) {
    CAPTURE(row.match, row.mac);
    facts.connections = {{"lab", "/etc/lab.nmconnection", "", 999, row.match, row.mac}};
    CHECK(render_server(facts, make_site()).conflicts.size() == (row.wins ? 1 : 0));
  }
  facts.connections = {{"lab", "/etc/lab.nmconnection", "", 999}};
  facts.connections[0].id = "it's";
  CHECK(render_server(facts, make_site()).conflicts.at(0).remedy ==
        "nmcli connection modify 'it'\\''s' connection.autoconnect-priority 0");
}

TEST_CASE("the connection's UUID is the same on every run and another for another profile") {
  auto site = make_site();
  const auto facts = facts_of(NetworkBackendName::network_manager);
  const auto uuid = uuid_of(render_server(facts, site));
  CHECK(uuid.size() == 36);
  CHECK(uuid[14] == '8');
  CHECK(uuid_of(render_server(facts, site)) == uuid);
  site.name = "other-site";
  CHECK(uuid_of(render_server(facts, site)) != uuid);
}

TEST_CASE("a site without gateway and DNS gives an address alone") {
  auto site = make_site();
  site.networks[0].gateway.reset();
  site.networks[0].dns.clear();
  const auto connection =
      content_of(render_server(facts_of(NetworkBackendName::network_manager), site), keyfile);
  CHECK_THAT(connection, has("\naddress1=192.168.4.2/24\n") && !has("dns="));
  const auto network = content_of(render_server(facts_of(NetworkBackendName::networkd), site),
                                  "/etc/systemd/network/10-timectl-eth0.network");
  CHECK_THAT(network, !has("Gateway=") && !has("DNS="));
}

TEST_CASE("an IPv6 server's connection is manual in its own section") {
  auto site = make_site();
  site.networks = {{"", *Subnet::parse("fd00::/64"), std::nullopt, {}}};
  site.hosts[0].addresses[0].address = *IpAddress::parse("fd00::2");
  CHECK_THAT(
      content_of(render_server(facts_of(NetworkBackendName::network_manager), site), keyfile),
      has("[ipv6]\nmethod=manual\naddress1=fd00::2/64\n\n[ipv4]\nmethod=auto\n"));
}

/// What `render` refuses, as "message (hint)".
std::string refusal_of(const facts::Facts& facts, const profile::Profile& site = make_site()) {
  try {
    static_cast<void>(render_server(facts, site));
  } catch (const Error& error) {
    return fmt::format("{} ({})", error.what(), error.hint());
  }
  return "";
}

facts::NetplanDefinition definition_of(const std::string& id) {
  return {"ethernets", id, "/etc/netplan/50-cloud-init.yaml", 4, "", "", "", 0};
}

TEST_CASE("a network without a known back end is refused with the evidence and the remedy") {
  const auto refusal = refusal_of(facts_of(NetworkBackendName::unknown));
  CHECK_THAT(refusal, has("its network back end is unknown (the evidence)"));
  CHECK_THAT(refusal, has("\"addressing\""));
}

TEST_CASE("dhcpcd gets a block behind what the user has in its file") {
  const auto target = render_server(facts_of(NetworkBackendName::dhcpcd), make_site());
  const auto* file = find_file(target, "/etc/dhcpcd.conf");
  REQUIRE(file);
  CHECK(file->kind == target::FileKind::block);
  CHECK_THAT(file->content,
             has("\ninterface eth0\nstatic ip_address=192.168.4.2/24\n"
                 "static routers=192.168.4.1\nstatic domain_name_servers=192.168.4.1\n"));
  CHECK(file->reactions ==
        std::vector<target::Reaction>{{target::ReactionKind::network_reload, "dhcpcd:eth0"}});
}

TEST_CASE("an address that another file gives the interface is named, with its line") {
  auto facts = facts_of(NetworkBackendName::dhcpcd);
  facts.network.settings = {{"eth1", "/etc/dhcpcd.conf", 7, "static ip_address=192.0.2.1/24"}};
  CHECK(refusal_of(facts).empty());
  facts.network.settings.push_back({"eth*", "/etc/dhcpcd.conf", 9, "denyinterfaces eth*"});
  CHECK_THAT(refusal_of(facts), has("/etc/dhcpcd.conf line 9 has 'denyinterfaces eth*'"));
}

TEST_CASE("ifupdown gets a file of its own where it reads one") {
  auto facts = facts_of(NetworkBackendName::ifupdown);
  CHECK_THAT(refusal_of(facts), has("does not read /etc/network/interfaces.d/timectl-eth0") &&
                                    has("add the line 'source /etc/network/interfaces.d/*'"));
  facts.network.sources = {"/etc/network/interfaces.d/*"};
  const auto target = render_server(facts, make_site());
  CHECK_THAT(content_of(target, "/etc/network/interfaces.d/timectl-eth0"),
             has("\nauto eth0\niface eth0 inet static\n    address 192.168.4.2/24\n"
                 "    gateway 192.168.4.1\n"));
  CHECK_THAT(join(target.notes, "\n"), has("/etc/resolv.conf"));
  facts.packages["resolvconf"] = {};
  CHECK_THAT(join(render_server(facts, make_site()).notes, "\n"), !has("/etc/resolv.conf"));
  facts.network.settings = {{"eth0", "/etc/network/interfaces", 5, "iface eth0 inet dhcp"}};
  CHECK_THAT(refusal_of(facts), has("/etc/network/interfaces line 5 has 'iface eth0 inet dhcp'"));
}

TEST_CASE("by order, another file's address becomes a comment and the file stays what it was") {
  auto facts = facts_of(NetworkBackendName::ifupdown);
  facts.network.sources = {"/etc/network/interfaces.d/*"};
  facts.network.settings = {
      {"eth0", "/etc/network/interfaces", 5, "iface eth0 inet dhcp", "# iface eth0 inet dhcp\n"}};
  CHECK_THAT(refusal_of(facts), has("--take-over"));
  facts.let_everything_go();
  const auto target = render_server(facts, make_site());
  const auto* file = find_file(target, "/etc/network/interfaces");
  REQUIRE(file);
  CHECK(file->kind == target::FileKind::edited);
  CHECK(file->content == "# iface eth0 inet dhcp\n");
  CHECK(file->reactions ==
        std::vector<target::Reaction>{{target::ReactionKind::network_reload, "ifupdown:eth0"}});
  // There is no known way to configure dhcpcd otherwise.
  facts.network.backend = NetworkBackendName::dhcpcd;
  facts.network.settings = {{"eth0", "/etc/dhcpcd.conf", 9, "denyinterfaces eth0"}};
  facts.let_everything_go();
  CHECK_THAT(refusal_of(facts), has("line 9"));
}

TEST_CASE("a stanza with more than an address stays, by order too") {
  auto facts = facts_of(NetworkBackendName::ifupdown);
  facts.network.sources = {"/etc/network/interfaces.d/*"};
  facts.network.settings = {{"eth0", "/etc/network/interfaces", 5, "iface eth0 inet static",
                             "# iface eth0 inet static\n", "bridge_ports eth1"}};
  const auto* lost =
      "/etc/network/interfaces has 'bridge_ports eth1' in the stanza of eth0, which would be lost";
  CHECK_THAT(refusal_of(facts), has(lost));
  facts.let_everything_go();
  CHECK_THAT(refusal_of(facts), has(lost));
}

TEST_CASE("by order netplan's other addresses become comments, where the file may be edited") {
  auto facts = facts_of(NetworkBackendName::netplan);
  facts.network.netplan = {definition_of("eth0")};
  facts.network.netplan[0].address_line = 6;
  facts.network.netplan[0].without = "network: {}\n";
  facts.let_everything_go();
  CHECK(content_of(render_server(facts, make_site()), "/etc/netplan/50-cloud-init.yaml") ==
        "network: {}\n");
  facts.network.netplan[0].file = "/run/netplan/50-cloud-init.yaml";
  CHECK_THAT(refusal_of(facts), has("/run/netplan/50-cloud-init.yaml line 6"));
}

TEST_CASE("a dhcpcd.conf that asks for nothing gets the distribution's questions back") {
  auto facts = facts_of(NetworkBackendName::dhcpcd);
  const auto block = [&] {
    return content_of(render_server(facts, make_site()), "/etc/dhcpcd.conf");
  };
  CHECK_THAT(block(), !has("option domain_name_servers"));
  facts.network.asks_no_options = true;
  CHECK_THAT(block(),
             has("\noption domain_name_servers, domain_name, domain_search, host_name\n") &&
                 has("\ninterface eth0\n"));
}

TEST_CASE("name servers that networkd can hand to no resolver are said") {
  for (const auto backend : {NetworkBackendName::networkd, NetworkBackendName::netplan}) {
    auto facts = facts_of(backend);
    CHECK_THAT(join(render_server(facts, make_site()).notes, "\n"), !has("systemd-resolved"));
    facts.network.lacks_resolver = true;
    CHECK_THAT(join(render_server(facts, make_site()).notes, "\n"), has("systemd-resolved"));
    auto site = make_site();
    site.networks[0].dns.clear();
    CHECK_THAT(join(render_server(facts, site).notes, "\n"), !has("systemd-resolved"));
  }
}

TEST_CASE("netplan gets a file that only root can read, laid over cloud-init's definition") {
  auto facts = facts_of(NetworkBackendName::netplan);
  facts.network.netplan = {definition_of("eth0")};
  const auto target = render_server(facts, make_site());
  const auto* file = find_file(target, "/etc/netplan/90-timectl.yaml");
  REQUIRE(file);
  CHECK(file->mode == 0600);
  CHECK_THAT(file->content, has("\nnetwork:\n  version: 2\n  ethernets:\n    \"eth0\":\n"
                                "      dhcp4: false\n      addresses:\n"
                                "        - \"192.168.4.2/24\"\n"));
  CHECK(file->reactions ==
        std::vector<target::Reaction>{{target::ReactionKind::network_reload, "netplan:eth0"}});
}

TEST_CASE(
    "netplan's definition of an interface is found by its new name, its card or its pattern") {
  auto facts = facts_of(NetworkBackendName::netplan);
  system::Interface interface;
  interface.name = "eth0";
  interface.mac = "02:00:00:00:00:0a";
  facts.interfaces = {interface};
  auto definition = definition_of("lan");
  const auto written = [&] {
    facts.network.netplan = {definition};
    return content_of(render_server(facts, make_site()), "/etc/netplan/90-timectl.yaml");
  };
  CHECK_THAT(written(), has("    \"eth0\":\n"));  // it is about another one: ours is new
  definition.set_name = "eth0";
  CHECK_THAT(written(), has("    \"lan\":\n"));
  definition.set_name.clear();
  definition.match_mac = "02:00:00:00:00:0A";
  CHECK_THAT(written(), has("    \"lan\":\n"));
  definition.match_name = "eth*";
  facts.network.netplan = {definition};
  CHECK_THAT(refusal_of(facts), has("defines 'lan', which is not about eth0 alone"));
}

TEST_CASE("what netplan would add up or cannot tell is refused with file and line") {
  auto facts = facts_of(NetworkBackendName::netplan);
  facts.network.netplan = {definition_of("eth0")};
  facts.network.netplan[0].address_line = 6;
  CHECK_THAT(refusal_of(facts), has("/etc/netplan/50-cloud-init.yaml line 6 gives 'eth0'"));
  facts.network.netplan = {definition_of("eth0"), definition_of("lan")};
  facts.network.netplan[1].match_name = "eth0";
  CHECK_THAT(refusal_of(facts), has("eth0 is defined twice"));
  facts.network.netplan.clear();
  facts.network.netplan_doubts = {"x.yaml may only be read by root"};
  CHECK_THAT(refusal_of(facts), has("x.yaml may only be read by root"));
}

TEST_CASE("Wi-Fi takes a static address only where its network's name and password stay") {
  auto facts = facts_of(NetworkBackendName::netplan, "wlan0");
  CHECK_THAT(refusal_of(facts), has("'wlan0' is Wi-Fi"));
  facts.network.netplan = {definition_of("wlan0")};
  facts.network.netplan[0].type = "wifis";
  CHECK_THAT(content_of(render_server(facts, make_site()), "/etc/netplan/90-timectl.yaml"),
             has("  wifis:\n    \"wlan0\":\n"));
  facts = facts_of(NetworkBackendName::ifupdown, "wlan0");
  facts.network.sources = {"/etc/network/interfaces.d/*"};
  CHECK_THAT(refusal_of(facts), has("'wlan0' is Wi-Fi"));
  CHECK(refusal_of(facts_of(NetworkBackendName::dhcpcd, "wlan0")).empty());
}

TEST_CASE("whose network it is does not matter when the address is left alone") {
  auto site = make_site();
  site.hosts[0].addresses[0].addressing = profile::Addressing::reservation;
  CHECK_NOTHROW(render_server(facts_of(NetworkBackendName::unknown), site));
}

TEST_CASE(
    "NetworkManager's Wi-Fi without a connection gets no static address: it would be cut off") {
  auto site = make_site();
  auto facts = facts_of(NetworkBackendName::network_manager, "wlan0");
  CHECK_THROWS_WITH(render_server(facts, site), has("'wlan0'") && has("Wi-Fi"));
  system::Interface interface;
  interface.name = "eth0";
  interface.is_wireless = true;
  facts.interfaces = {interface};
  site.hosts[0].addresses[0].interface = "eth0";
  CHECK_THROWS_AS(render_server(facts, site), Error);
}

TEST_CASE("Wi-Fi power save goes off by NetworkManager, or by udev where it is not in charge") {
  auto site = make_site();
  site.hosts[0].addresses[0].addressing = profile::Addressing::reservation;
  const auto* setting = "/etc/NetworkManager/conf.d/50-timectl-wifi.conf";
  const auto* rule = "/etc/udev/rules.d/85-timectl-wifi.rules";
  const auto told = render_server(facts_of(NetworkBackendName::network_manager, "wlan0"), site);
  CHECK_THAT(content_of(told, setting),
             has("match-device=interface-name:wlan0\n") && has("\nwifi.powersave=2\n"));
  CHECK_FALSE(has_file(told, rule));
  CHECK_FALSE(
      has_file(render_server(facts_of(NetworkBackendName::network_manager), site), setting));
  for (const auto backend : {NetworkBackendName::networkd, NetworkBackendName::dhcpcd,
                             NetworkBackendName::ifupdown, NetworkBackendName::netplan}) {
    auto facts = facts_of(backend, "wlan0");
    const auto ruled = render_server(facts, site);
    CHECK_THAT(content_of(ruled, rule), has("KERNEL==\"wlan0\", RUN+=\"/usr/sbin/iw dev wlan0"));
    CHECK(contains(ruled.packages, std::string{"iw"}));
    CHECK_FALSE(has_file(ruled, setting));
    facts.network.netplan_renderer = "NetworkManager";
    CHECK(has_file(render_server(facts, site), setting) ==
          (backend == NetworkBackendName::netplan));
  }
}

TEST_CASE("the profile's interface is used before the default route's") {
  auto site = make_site();
  site.hosts[0].addresses[0].interface = "end1";
  CHECK(has_file(render_server(facts_of(NetworkBackendName::networkd), site),
                 "/etc/systemd/network/10-timectl-end1.network"));
}

TEST_CASE("without any interface to be found the profile has to name one") {
  auto facts = facts_of(NetworkBackendName::networkd);
  facts.default_interface.reset();
  CHECK_THROWS_WITH(render_server(facts, make_site()), has("no interface is named"));
}

TEST_CASE("an interface's name cannot lead out of its directory") {
  auto site = make_site();
  for (const auto* wrong : {"../x", "eth0\n", "a b", "", "sixteen-letters-"}) {
    site.hosts[0].addresses[0].interface = wrong;
    CHECK_THROWS_AS(render_server(facts_of(NetworkBackendName::networkd), site), Error);
  }
}
