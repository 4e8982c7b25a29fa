// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "facts/facts.hpp"
#include "features/feature.hpp"
#include "matchers.hpp"
#include "site.hpp"
#include "support/catch.hpp"
#include "support/fixture_root.hpp"

#include <algorithm>
#include <map>

using namespace timectl;
using namespace timectl::facts;
using test::FakeFiles;

namespace {

FakeFiles with_file(const std::string& path, const std::string& text) {
  FakeFiles files;
  files.put(path, text);
  return files;
}

/// On a host that runs: a unit is active when it is enabled.
struct RunningServices : test::LinkedServices {
  using LinkedServices::LinkedServices;
  system::UnitState state(std::string_view unit) const override {
    auto state = LinkedServices::state(unit);
    if (state.is_enabled()) state.active_state = "active";
    return state;
  }
};

Facts facts_on(FakeFiles files, const std::vector<std::string>& units,
               const std::vector<system::UdpListener>& listeners = {}) {
  for (const auto& unit : units) {
    files.put("/usr/lib/systemd/system/" + unit, "[Install]\nWantedBy=multi-user.target\n");
    files.put_link("/etc/systemd/system/multi-user.target.wants/" + unit,
                   "/usr/lib/systemd/system/" + unit);
  }
  const RunningServices services{files};
  const test::StatusPackages packages{files};
  test::FixedNetwork network;
  network.listeners = listeners;
  return detect({files, services, packages, &network}, features::detectors());
}

const auto* const shared_file = "/etc/NetworkManager/system-connections/Hotspot.nmconnection";
const auto* const shared =
    "[connection]\nid=Hotspot\n[wifi-security]\npsk=secret\n[ipv4]\nmethod=shared\n";
const auto* const pihole_toml = "/etc/pihole/pihole.toml";

system::UdpListener holder(std::uint16_t port, const std::string& program, std::uint32_t pid) {
  return {IpAddress{}, port, program, pid};
}

target::Target as_client(const Facts& facts) {
  const auto site = test::make_site();
  return test::render_host(site, site.hosts.at(1), facts);
}

target::Target as_server(const Facts& facts) {
  const auto site = test::make_site();
  return test::render_host(site, site.hosts.at(0), facts);
}

}  // namespace

TEST_CASE("who serves DHCP besides dnsmasq is known by its own files, where its unit may run") {
  struct Row {
    const char* what;
    std::string path, text, unit;
    const char* found;  ///< its name, "" for none
  };
  const std::vector<Row> rows{
      {"a shared connection", shared_file, shared, "NetworkManager.service", "NetworkManager"},
      {"one made by a tool", "/run/NetworkManager/system-connections/x.nmconnection",
       "[ipv4]\nmethod = shared\n", "NetworkManager.service", "NetworkManager"},
      {"not shared", shared_file, "[connection]\nid=a\n[ipv4]\nmethod=auto\n",
       "NetworkManager.service", ""},
      {"shared for IPv6 alone", shared_file, "[ipv6]\nmethod=shared\n", "NetworkManager.service",
       ""},
      {"never activated by itself", shared_file,
       "[connection]\nautoconnect=false\n[ipv4]\nmethod=shared\n", "NetworkManager.service", ""},
      {"Pi-hole 6", pihole_toml, "[dhcp]\n  active = true ### CHANGED, default = false\n",
       "pihole-FTL.service", "Pi-hole"},
      {"Pi-hole 6 for DNS alone", pihole_toml, "[dhcp]\n  active = false\n", "pihole-FTL.service",
       ""},
      {"Pi-hole 5", "/etc/pihole/setupVars.conf", "DHCP_ACTIVE=true\n", "pihole-FTL.service",
       "Pi-hole"},
      {"Kea", "/etc/kea/kea-dhcp4.conf",
       R"({"Dhcp4": {"interfaces-config": {"interfaces": [ "eth0" ]}}})",
       "kea-dhcp4-server.service", "Kea"},
      {"Kea as Debian has it", "/etc/kea/kea-dhcp4.conf",
       R"({"Dhcp4": {"interfaces-config": {"interfaces": [ ]}}})", "kea-dhcp4-server.service", ""},
      {"ISC's", "/etc/default/isc-dhcp-server", "INTERFACESv4=\"eth0\"\n",
       "isc-dhcp-server.service", "isc-dhcp-server"},
      {"ISC's as Debian has it", "/etc/default/isc-dhcp-server",
       "INTERFACESv4=\"\"\nINTERFACESv6=\"\"\n", "isc-dhcp-server.service", ""},
      {"ISC's without a word of interfaces", "/etc/dhcp/dhcpd.conf",
       "# subnet\nsubnet 10.0.0.0 netmask 255.0.0.0 {\n}\n", "isc-dhcp-server.service",
       "isc-dhcp-server"},
      {"networkd by a drop-in", "/etc/systemd/network/lan.network.d/serve.conf",
       "[Network]\nDHCPServer=True\n", "systemd-networkd.service", "systemd-networkd"},
      {"networkd", "/etc/systemd/network/lan.network", "[Network]\nDHCPServer=yes\n",
       "systemd-networkd.service", "systemd-networkd"},
      {"systemd's own for containers", "/usr/lib/systemd/network/80-container-vz.network",
       "[Network]\nDHCPServer=yes\n", "systemd-networkd.service", ""},
  };
  for (const auto& row : rows) {
    INFO(row.what);
    auto files = with_file(row.path, row.text);
    files.put("/etc/default/isc-dhcp-server",
              row.path.starts_with("/etc/default") ? row.text : "INTERFACESv4=\"\"\n");
    if (row.path.find(".network.d/") != std::string::npos) {
      files.put("/etc/systemd/network/lan.network", "[Match]\nName=eth0\n");
    }
    const auto facts = facts_on(files, {row.unit});
    CHECK((facts.dhcp_servers.empty() ? "" : facts.dhcp_servers.front().name) == row.found);
    CHECK(facts_on(with_file(row.path, row.text), {}).dhcp_servers.empty());
    // dnsmasq that runs has the port, unless it serves DNS alone.
    files.put("/etc/dnsmasq.conf", "conf-dir=/etc/dnsmasq.d\n");
    CHECK(facts_on(files, {row.unit, "dnsmasq.service"}).dhcp_servers.size() ==
          facts.dhcp_servers.size());
    files.put("/etc/dnsmasq.d/lan.conf", "dhcp-range = 192.168.4.20,192.168.4.90\n");
    CHECK(facts_on(files, {row.unit, "dnsmasq.service"}).dhcp_servers.empty());
  }
}

TEST_CASE("a dnsmasq that another program started is not the distribution's") {
  const FakeFiles files{{"/proc/7/cgroup", "0::/system.slice/NetworkManager.service\n"},
                        {"/proc/8/cgroup", "0::/system.slice/dnsmasq.service\n"},
                        {"/proc/9/cgroup", "0::/system.slice/docker-1f2e.scope\n"}};
  auto facts = facts_on(files, {}, {holder(53, "dnsmasq", 7), holder(67, "dnsmasq", 7)});
  REQUIRE(facts.port_holders.size() == 2);
  CHECK(facts.port_holders[0].unit == "NetworkManager.service");
  REQUIRE(facts.dhcp_servers.size() == 1);
  CHECK(facts.dhcp_servers[0].kind == DhcpServerKind::network_manager);
  CHECK(facts_on(files, {}, {holder(53, "dnsmasq", 8)}).port_holders.empty());
  facts = facts_on(files, {}, {holder(123, "chronyd", 9), holder(123, "chronyd", 99)});
  REQUIRE(facts.port_holders.size() == 1);
  CHECK(facts.port_holders[0].unit == "docker-1f2e.scope");
  // Whose socket it is the kernel tells root alone.
  CHECK(facts_on(files, {}, {holder(53, "", 0)}).port_holders.empty());
}

TEST_CASE("a hotspot that was switched on by hand is left in charge as long as it serves") {
  const auto* const by_hand =
      "[connection]\nid=My "
      "'Spot'\ninterface-name=wlan0\nautoconnect=false\n[ipv4]\nmethod=shared\n";
  FakeFiles files{{"/proc/7/cgroup", "0::/system.slice/NetworkManager.service\n"},
                  {shared_file, by_hand}};
  const auto facts = facts_on(files, {"NetworkManager.service"}, {holder(67, "dnsmasq", 7)});
  REQUIRE(facts.dhcp_servers.size() == 1);
  CHECK(facts.dhcp_servers[0].where == shared_file);
  auto machine = test::make_facts();
  machine.dhcp_servers = facts.dhcp_servers;
  machine.port_holders = facts.port_holders;
  const auto target = as_client(machine);
  CHECK(target.conflicts.empty());
  const auto notes = join(target.notes, "\n");
  CHECK_THAT(notes, test::has("nmcli connection up " + shell_quoted("My 'Spot'")));
  CHECK_THAT(notes, test::has("serves DHCP on wlan0, and this host is in the site's network by "));
}

TEST_CASE("what a foreign DHCP server is to be told is in its own notation") {
  const auto notes_for = [](DhcpServerKind kind, const std::string& where) {
    auto machine = test::make_facts();
    machine.dhcp_servers = {{kind, "it", "it.service", where, "", false}};
    const auto target = as_client(machine);
    CHECK(target.conflicts.empty());
    return join(target.notes, "\n");
  };
  CHECK_THAT(notes_for(DhcpServerKind::networkd, "/etc/systemd/network/lan.network"),
             test::has("[DHCPServer] of /etc/systemd/network/lan.network: NTP=192.168.4.2, then"));
  CHECK_THAT(notes_for(DhcpServerKind::networkd, "UDP port 67"), test::has("its .network file"));
  CHECK_THAT(notes_for(DhcpServerKind::isc, "/etc/default/isc-dhcp-server"),
             test::has("option ntp-servers 192.168.4.2;"));
  // Pi-hole's own command would replace the lines that its user has there.
  CHECK_THAT(notes_for(DhcpServerKind::pihole, pihole_toml),
             !test::has("pihole-FTL --config misc"));
}

TEST_CASE("the MAC address that was recorded in NetworkManager's or Pi-hole's file is known") {
  const std::string recorded = "dhcp-host=b8:27:eb:00:00:01,192.168.4.2,pi-ntp\n";
  const FakeFiles manager{{"/etc/NetworkManager/dnsmasq-shared.d/timectl.conf", recorded},
                          {"/var/lib/NetworkManager/dnsmasq-hot0.leases",
                           "0 b8:27:eb:00:00:02 10.42.0.9 cam 01:b8:27:eb:00:00:02\n"},
                          {"/var/lib/dpkg/status",
                           "Package: dnsmasq-base\nStatus: install ok installed\nVersion: 2\n"}};
  const auto cards = facts_on(manager, {}).cards;
  REQUIRE(cards.size() == 2);
  CHECK(cards[0].mac == "b8:27:eb:00:00:01");
  CHECK(cards[1].evidence == CardEvidence::lease);
  const FakeFiles pihole{{"/etc/dnsmasq.d/timectl.conf", recorded},
                         {pihole_toml, "[dhcp]\nactive = true\n[misc]\netc_dnsmasq_d = true\n"}};
  CHECK(facts_on(pihole, {"pihole-FTL.service"}).cards.size() == 1);
}

TEST_CASE("lines of dnsmasq's files are not judged where another program serves DHCP") {
  auto machine = test::make_facts();
  machine.existing = {{.kind = ExistingKind::dnsmasq_line,
                       .file = "/etc/dnsmasq.d/old.conf",
                       .lines = {"dhcp-option=option:ntp-server,192.168.4.99"}}};
  CHECK(as_client(machine).conflicts.size() == 1);
  machine.dhcp_servers = {{DhcpServerKind::kea, "Kea", "kea-dhcp4-server.service", "", "", false}};
  CHECK(as_client(machine).conflicts.empty());
}

TEST_CASE("dnsmasq that takes single addresses runs beside a resolver at one of its own") {
  auto machine = test::make_facts();
  const auto at = [](const char* address) { return IpAddress::parse(address).value(); };
  machine.port_holders = {{53, at("127.0.0.53"), "systemd-resolve", "systemd-resolved.service"}};
  REQUIRE(as_client(machine).conflicts.size() == 1);
  CHECK_THAT(as_client(machine).conflicts[0].remedy,
             test::has("mkdir -p /etc/dnsmasq.d && echo bind-dynamic "
                       ">/etc/dnsmasq.d/bind-dynamic.conf"));
  machine.dnsmasq =
      facts_on(with_file("/etc/dnsmasq.d/bind-dynamic.conf", "bind-dynamic\n"), {}).dnsmasq;
  CHECK(as_client(machine).conflicts.empty());
  machine.port_holders[0].address = at("10.42.0.1");
  CHECK(as_client(machine).conflicts.size() == 1);
  machine.dnsmasq.is_limited = true;
  CHECK(as_client(machine).conflicts.empty());
  machine.port_holders[0].address = at("0.0.0.0");
  CHECK(as_client(machine).conflicts.size() == 1);
  machine.dnsmasq.serves_dns = false;
  CHECK(as_client(machine).conflicts.empty());
}

TEST_CASE("below --root an enabled name server is in the way as on a host that runs") {
  FakeFiles files;
  files.put("/usr/lib/systemd/system/named.service", "[Install]\nWantedBy=multi-user.target\n");
  files.put_link("/etc/systemd/system/multi-user.target.wants/named.service",
                 "/usr/lib/systemd/system/named.service");
  const test::LinkedServices services{files};
  const test::StatusPackages packages{files};
  const auto facts = detect({files, services, packages, nullptr}, features::detectors());
  REQUIRE(facts.port_holders.size() == 1);
  auto machine = test::make_facts();
  machine.port_holders = facts.port_holders;
  machine.root = "/mnt";
  CHECK_THAT(as_client(machine).conflicts.at(0).remedy,
             test::has("systemctl --root /mnt disable named.service"));
}

TEST_CASE("DHCP stays with who serves it, and no dnsmasq is installed beside it") {
  auto machine = test::make_facts();
  machine.dhcp_servers = {{DhcpServerKind::network_manager, "NetworkManager",
                           "NetworkManager.service", shared_file, "Hotspot", false}};
  const auto target = as_client(machine);
  CHECK(target.conflicts.empty());
  CHECK(std::count(target.packages.begin(), target.packages.end(), "dnsmasq") == 0);
  CHECK_FALSE(test::has_file(target, "/etc/dnsmasq.d/timectl.conf"));
  CHECK_THAT(test::content_of(target, "/etc/NetworkManager/dnsmasq-shared.d/timectl.conf"),
             test::has("dhcp-option=option:ntp-server,192.168.4.2"));
  machine.dhcp_servers = {
      {DhcpServerKind::pihole, "Pi-hole", "pihole-FTL.service", pihole_toml, "", false}};
  const auto pihole = as_client(machine);
  CHECK_FALSE(test::has_file(pihole, "/etc/dnsmasq.d/timectl.conf"));
  CHECK(std::any_of(pihole.notes.begin(), pihole.notes.end(), [](const auto& note) {
    return note.find("dhcp-option=option:ntp-server,192.168.4.2") != std::string::npos;
  }));
  // One that was installed beside it waits for the next boot.
  machine.dnsmasq.waits_for_boot = true;
  REQUIRE(as_client(machine).conflicts.size() == 1);
  CHECK(as_client(machine).conflicts[0].remedy == "systemctl disable --now dnsmasq.service");
  machine.root = "/mnt/a card";
  CHECK(as_client(machine).conflicts[0].remedy ==
        "systemctl --root '/mnt/a card' disable dnsmasq.service");
  machine.root.clear();
  machine.dnsmasq.waits_for_boot = false;
  machine.dhcp_servers[0].reads_dnsmasq_files = true;
  CHECK(test::has_file(as_client(machine), "/etc/dnsmasq.d/timectl.conf"));
}

TEST_CASE("a holder of a port that a new daemon needs is in the way, with its unit") {
  auto machine = test::make_facts();
  machine.port_holders = {{53, IpAddress{}, "named", "named.service"},
                          {53, IpAddress{}, "named", "named.service"}};
  const auto target = as_client(machine);
  REQUIRE(target.conflicts.size() == 1);
  CHECK_THAT(target.conflicts[0].reason, test::has("named of named.service holds UDP port 53"));
  CHECK_THAT(target.conflicts[0].remedy, test::has("systemctl disable --now named.service"));
  for (const auto* unit :
       {"NetworkManager.service", "systemd-networkd.service", "systemd-resolved.service"}) {
    machine.port_holders = {{53, IpAddress{}, "dnsmasq", unit}};
    CHECK_THAT(as_client(machine).conflicts.at(0).remedy, !test::has("disable"));
  }
  machine.port_holders = {{123, IpAddress{}, "ntpd-rs", "ntpd-rs.service"},
                          {123, IpAddress{}, "ntpd", "ntpsec.service"}};
  const auto server = as_server(machine);
  REQUIRE(server.conflicts.size() == 1);
  CHECK_THAT(server.conflicts[0].reason, test::has("ntpd-rs of ntpd-rs.service holds"));
  CHECK(as_client(machine).conflicts.empty());
}

TEST_CASE("a Pi-hole that sets the clock and serves NTP is in the way until it is told not to") {
  const auto pihole = [](const std::string& text) {
    return facts_on(with_file(pihole_toml, text), {"pihole-FTL.service"}).pihole;
  };
  CHECK(pihole("[ntp.sync]\n  active = true\n").sets_clock);
  CHECK(pihole("").serves_ntp);
  CHECK_FALSE(pihole("[ntp.sync]\n  active = false ### CHANGED, default = true\n").sets_clock);
  CHECK(pihole("[ntp.ipv4]\nactive = false\n").serves_ntp);
  CHECK_FALSE(pihole("[ntp.ipv4]\nactive = false\n[ntp.ipv6]\nactive = false\n").serves_ntp);
  auto machine = test::make_facts();
  machine.pihole = {true, true};
  CHECK(as_client(machine).conflicts.size() == 1);
  CHECK(as_server(machine).conflicts.size() == 2);
  CHECK(as_client(machine).conflicts[0].remedy == "pihole-FTL --config ntp.sync.active false");
  machine.root = "/mnt";
  CHECK(as_client(machine).conflicts[0].remedy ==
        "set ntp.sync.active to false in /mnt/etc/pihole/pihole.toml");
}

TEST_CASE("a dnsmasq that never reads its drop-ins was given one and called in order") {
  const auto reads = [](const std::string& defaults, const std::string& own = "") {
    return facts_on(FakeFiles{{"/etc/default/dnsmasq", defaults}, {"/etc/dnsmasq.conf", own}}, {})
        .dnsmasq.reads_drop_ins;
  };
  CHECK(reads("ENABLED=1\nCONFIG_DIR=/etc/dnsmasq.d,.dpkg-dist,.dpkg-old,.dpkg-new\n"));
  CHECK(reads("CONFIG_DIR=\"/etc/dnsmasq.d/\"\n"));
  CHECK_FALSE(reads("#CONFIG_DIR=/etc/dnsmasq.d\n"));
  CHECK_FALSE(reads("CONFIG_DIR=/etc/dnsmasq.d\nCONFIG_DIR=\n"));
  CHECK_FALSE(reads("CONFIG_DIR=/srv/dnsmasq.d\n"));
  CHECK(reads("#CONFIG_DIR\n", "conf-dir=/etc/dnsmasq.d/,*.conf\n"));
  CHECK_FALSE(reads("", "#conf-dir=/etc/dnsmasq.d\n"));
  CHECK(reads("DNSMASQ_OPTS=\"-7 /etc/dnsmasq.d\"\n"));
  CHECK_FALSE(reads("DNSMASQ_OPTS=\"--conf-dir=/etc/dnsmasq.d-site\"\n"));
  CHECK(reads("DNSMASQ_OPTS='--local-service --conf-dir=/etc/dnsmasq.d,*.conf'\n"));
  CHECK(facts_on(FakeFiles{}, {}).dnsmasq.reads_drop_ins);
  // Deleted, and not brought back by the package.
  CHECK_FALSE(
      facts_on(with_file("/usr/share/dnsmasq/systemd-helper", ""), {}).dnsmasq.reads_drop_ins);
  auto machine = test::make_facts();
  machine.dnsmasq.reads_drop_ins = false;
  const auto target = as_client(machine);
  REQUIRE(target.conflicts.size() == 1);
  CHECK_THAT(target.conflicts[0].remedy,
             test::has("echo 'CONFIG_DIR=/etc/dnsmasq.d,.dpkg-dist,.dpkg-old,.dpkg-new' >>"
                       "/etc/default/dnsmasq"));
}

TEST_CASE("of NetworkManager's connections those count that it activates by itself") {
  const std::string place = "/etc/NetworkManager/system-connections/";
  const auto facts = facts_on(
      FakeFiles{
          {place + "a.nmconnection",
           "[connection]\nid=a\ntype=ethernet\nautoconnect-priority=999\n[802-1x]\npassword=x\n"},
          {place + "b.nmconnection", "[connection]\nid=b\ntype=ethernet\nautoconnect=false\n"},
          {place + "c.nmconnection", "[connection]\nid=c\ntype=wifi\n"},
          {"/run/NetworkManager/system-connections/d.nmconnection",
           "[connection]\nid=d\ntype=802-3-ethernet\ninterface-name=eth0\n"},
          {place + "g.nmconnection",
           "[connection]\nid=g\ntype=ethernet\n[802-3-ethernet]\nmac-address=B8:27:EB:12:34:56\n"
           "[match]\ninterface-name=eth*;enp*;\n"},
          {place + "h.nmconnection", "[connection]\nid=h\ntype=ethernet\npermissions=user:pi:;\n"},
          // By any name in /etc alone, and no editor's copy.
          {"/run/NetworkManager/system-connections/e", "[connection]\nid=e\ntype=ethernet\n"},
          {place + "a.nmconnection~", "[connection]\nid=copy\ntype=ethernet\n"},
          {place + "Wired", "[connection]\nid=f\ntype=ethernet\n"}},
      {});
  REQUIRE(facts.connections.size() == 4);
  std::map<std::string, ManagerConnection> by_id;
  for (const auto& each : facts.connections) by_id[each.id] = each;
  CHECK(by_id.at("a").priority == 999);
  CHECK(by_id.at("d").interface == "eth0");
  CHECK(by_id.count("f") == 1);
  CHECK(by_id.at("g").mac == "b8:27:eb:12:34:56");
  CHECK(by_id.at("g").match == std::vector<std::string>{"eth*", "enp*"});
  CHECK(by_id.count("h") == 0);  // it waits for a login
}
