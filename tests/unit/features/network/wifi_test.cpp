// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "base/text.hpp"
#include "features/feature.hpp"
#include "matchers.hpp"
#include "site.hpp"
#include "support/fixture_root.hpp"

#include <fmt/format.h>

using namespace timectl;
using namespace timectl::test;
using facts::NetworkBackendName;
using target::FileKind;
using target::Sensitivity;

namespace {

const std::string connections = "/etc/NetworkManager/system-connections/";
const auto imagers = connections + "preconfigured.nmconnection";
constexpr auto psk = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// As Raspberry Pi Imager writes it, with lines of the caller's in two sections.
std::string wifi(const std::string& connection = "", const std::string& ipv4 = "method=auto\n") {
  return fmt::format(
      "[connection]\nid=preconfigured\nuuid=6d5f2f6e-33a5-4a4e-9a57-0c5ad9a86f4b\ntype=wifi\n{}"
      "[wifi]\nmode=infrastructure\nssid=site\nhidden=false\n[ipv4]\n{}"
      "[ipv6]\naddr-gen-mode=default\nmethod=auto\n[proxy]\n"
      "[wifi-security]\nkey-mgmt=wpa-psk\npsk={}\n",
      connection, ipv4, psk);
}

/// One more, with another id and UUID.
std::string other_wifi(const std::string& id, const std::string& connection) {
  return fmt::format("[connection]\nid={}\nuuid={}-uuid\ntype=802-11-wireless\n{}[ipv4]\n", id, id,
                     connection);
}

/// A Pi Zero W that NetworkManager keeps in a Wi-Fi network, with these files.
facts::Facts facts_with(const FakeFiles& files) {
  const LinkedServices services{files};
  const StatusPackages packages{files};
  FixedNetwork network;
  network.found = {{.name = "wlan0", .mac = "b8:27:eb:00:00:01", .is_wireless = true}};
  network.default_route = "wlan0";
  auto facts = facts::detect({files, services, packages, &network}, features::detectors());
  facts.network.backend = NetworkBackendName::network_manager;
  return facts;
}

facts::Facts facts_with(const std::string& text) { return facts_with(FakeFiles{{imagers, text}}); }

target::Target render_server(const facts::Facts& facts) {
  const auto site = make_site();
  return render_host(site, site.hosts[0], facts);
}

/// What becomes of the connection.
std::string changed(const std::string& text) {
  return content_of(render_server(facts_with(text)), imagers);
}

std::string refusal_of(const facts::Facts& facts) {
  try {
    static_cast<void>(render_server(facts));
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::refused);
    CHECK_THAT(std::string{error.what()} + error.hint(), !has(psk));
    return fmt::format("{} ({})", error.what(), error.hint());
  }
  return "";
}

constexpr auto manual = "method=manual\naddress1=192.168.4.2/24,192.168.4.1\ndns=192.168.4.1;\n";

}  // namespace

TEST_CASE("the Wi-Fi connection that is there gets the address, and keeps every other byte") {
  const auto target = render_server(facts_with(wifi()));
  const auto* file = find_file(target, imagers);
  REQUIRE(file);
  CHECK(file->content == wifi("", manual));
  CHECK(file->kind == FileKind::edited);
  CHECK(file->sensitivity == Sensitivity::secret);
  CHECK_THAT(file->why,
             has("address1=192.168.4.2/24,192.168.4.1") && has("'preconfigured'") && !has(psk));
  CHECK(file->reactions == std::vector<target::Reaction>{
                               {target::ReactionKind::network_reload,
                                "network_manager:6d5f2f6e-33a5-4a4e-9a57-0c5ad9a86f4b@wlan0"}});
  CHECK(changed(wifi("", manual)) == wifi("", manual));
}

TEST_CASE("a file that says the same in other words stays as it is") {
  for (const std::string section :
       {"method = manual\naddress1 = 192.168.4.2/24\ngateway=192.168.4.1\ndns=192.168.4.1\n",
        "addresses=192.168.4.2/24,192.168.4.1;\ndns=192.168.4.1;\nmethod=manual\n",
        "address1=192.168.4.2;24;192.168.4.1;\nmethod=auto\nmethod=manual\ndns=192.168.4.1;\n"}) {
    INFO(section);
    CHECK(changed(wifi("", section)) == wifi("", section));
  }
}

TEST_CASE("lines about other things stay where they are, in whatever form the file is") {
  struct Row {
    std::string before, after;
  };
  const std::string head = "[connection]\ntype=wifi\n";
  const std::string lines = manual;
  const std::vector<Row> rows{
      {head + "[ipv4]\n# ours\nroute1=10.0.0.0/8,192.168.4.9\nmethod=auto\nmay-fail=false\n",
       head + "[ipv4]\n# ours\nroute1=10.0.0.0/8,192.168.4.9\n" + lines + "may-fail=false\n"},
      {head + "[ipv4]\naddress1=192.168.4.9/24,192.168.4.254\ndns=1.1.1.1;\nmethod=manual\n",
       head + "[ipv4]\n" + lines},
      {head + "[ipv4]\n#method=manual\ndns-search=lan;\nignore-auto-dns=true\n",
       head + "[ipv4]\n" + lines + "#method=manual\ndns-search=lan;\nignore-auto-dns=true\n"},
      {head + "[ipv4]\nmethod=auto\n[wifi]\nssid=a\n[ipv4]\nmethod=disabled\ngateway=10.0.0.1\n",
       head + "[ipv4]\n" + lines + "[wifi]\nssid=a\n[ipv4]\n"},
      {head, head + "\n[ipv4]\n" + lines},
      {"[connection]\ntype=wifi", head + "\n[ipv4]\n" + lines},
      {head + "[ipv6]\nmethod=auto\naddress1=fd00::9/64\n",
       head + "[ipv6]\nmethod=auto\naddress1=fd00::9/64\n\n[ipv4]\n" + lines},
      {head + "  [ipv4]\n  method=auto", head + "  [ipv4]\n" + lines},
  };
  for (const auto& row : rows) {
    INFO(row.before);
    CHECK(changed(row.before) == row.after);
    CHECK(changed(row.after) == row.after);
  }
}

TEST_CASE("a file with the line ends of Windows keeps them") {
  CHECK(changed("[connection]\r\ntype=wifi\r\n[ipv4]\r\nmethod=auto\r\n[proxy]\r\n") ==
        "[connection]\r\ntype=wifi\r\n[ipv4]\r\nmethod=manual\r\n"
        "address1=192.168.4.2/24,192.168.4.1\r\ndns=192.168.4.1;\r\n[proxy]\r\n");
  CHECK(changed("[connection]\r\ntype=wifi\r\n") ==
        "[connection]\r\ntype=wifi\r\n\r\n[ipv4]\r\nmethod=manual\r\n"
        "address1=192.168.4.2/24,192.168.4.1\r\ndns=192.168.4.1;\r\n");
}

TEST_CASE("of several addresses none is dropped without an order, and one that moves is named") {
  const std::string two = "method=manual\naddress1=192.168.4.2/24\naddress2=10.0.0.5/8\n";
  auto facts = facts_with(wifi("", two));
  CHECK_THAT(refusal_of(facts), has("other addresses (10.0.0.5/8)") && has("--take-over"));
  facts.let_everything_go();
  CHECK(content_of(render_server(facts), imagers) == wifi("", manual));
  const auto moved = render_server(facts_with(wifi("", "method=manual\naddress1=10.0.0.5/8\n")));
  CHECK_THAT(find_file(moved, imagers)->why, has("instead of 10.0.0.5/8"));
}

TEST_CASE("a connection that is never to have the default route gets none") {
  const auto target = render_server(facts_with(wifi("", "method=auto\nnever-default=true\n")));
  CHECK_THAT(content_of(target, imagers),
             has("\naddress1=192.168.4.2/24\n") && has("never-default=true\n"));
  CHECK_THAT(join(target.notes, "\n"), has("wlan0 gets no default route"));
}

TEST_CASE("the connection is the one that NetworkManager brings up first on this interface") {
  FakeFiles files{{imagers, wifi()}};
  const auto chosen = [&] {
    const auto target = render_server(facts_with(files));
    for (const auto& file : target.files) {
      if (file.kind == FileKind::edited) return file.path.name();
    }
    return std::string{};
  };
  const auto put = [&](const std::string& settings) {
    files.put(connections + "Phone", other_wifi("Phone", settings));
    return chosen();
  };
  CHECK(put("autoconnect-priority=10\n") == "Phone");
  CHECK(put("autoconnect-priority=-1\n") == "preconfigured.nmconnection");
  for (const auto* not_meant :
       {"autoconnect=false\n", "interface-name=wlan1\n", "permissions=user:pi:;\n",
        "[wifi]\nmac-address=02:00:00:00:00:01\n", "[match]\ninterface-name=wlan1;wlx*;\n",
        "[match]\ninterface-name=!wlan0;\n"}) {
    INFO(not_meant);
    CHECK(put(std::string{"autoconnect-priority=10\n"} + not_meant) ==
          "preconfigured.nmconnection");
  }
  for (const auto* meant :
       {"interface-name=wlan0\n", "[wifi]\nmac-address=B8:27:EB:00:00:01\n",
        "[match]\ninterface-name=wl*;\n", "[802-11-wireless]\nmac-address=b8:27:eb:00:00:01\n"}) {
    INFO(meant);
    CHECK(put(std::string{"autoconnect-priority=10\n"} + meant) == "Phone");
  }
  put("autoconnect-priority=-1\n");
  CHECK_THAT(join(render_server(facts_with(files)).notes, "\n"),
             has("where 'preconfigured' is out of reach, NetworkManager brings up 'Phone'"));
}

TEST_CASE("between connections of equal priority timectl does not choose") {
  FakeFiles files{{imagers, wifi()}, {connections + "Phone", other_wifi("Phone", "")}};
  CHECK_THAT(refusal_of(facts_with(files)),
             has("may bring up any of 'Phone', 'preconfigured'") &&
                 has("nmcli connection modify 'Phone' connection.autoconnect-priority 1"));
  files.put(imagers, wifi("autoconnect-priority=999\n"));
  files.put(connections + "Phone", other_wifi("Phone", "autoconnect-priority=999\n"));
  CHECK_THAT(refusal_of(facts_with(files)),
             has("nmcli connection modify 'preconfigured' connection.autoconnect-priority 0"));
}

TEST_CASE("Wi-Fi without a connection that a change could last in is refused, with the way out") {
  CHECK_THAT(refusal_of(facts_with(FakeFiles{})),
             has("'wlan0' is Wi-Fi") && has("\"reservation\""));
  CHECK_THAT(refusal_of(facts_with(wifi("autoconnect=false\n"))),
             has("does not come up by itself") &&
                 has("nmcli connection modify 'preconfigured' connection.autoconnect yes"));
  const FakeFiles in_memory{{"/run/NetworkManager/system-connections/x.nmconnection", wifi()}};
  CHECK_THAT(refusal_of(facts_with(in_memory)), has("/run/") && has("where no change lasts"));
  CHECK_THAT(refusal_of(facts_with(wifi("", "method=shared\n"))),
             has("is a hotspot") && has("address1=192.168.4.2/24"));
}

TEST_CASE("a user who may not read the connections is told that root may") {
  FakeFiles files{{imagers, wifi()}, {connections + "timectl-eth0.nmconnection", "[connection]\n"}};
  files.forbid_reading(imagers);
  files.forbid_reading(connections + "timectl-eth0.nmconnection");
  const auto facts = facts_with(files);
  CHECK(facts.unread_connections == std::vector<std::string>{imagers});
  CHECK_THAT(refusal_of(facts), has(imagers) && has("run this as root"));
}

TEST_CASE("a file in /etc stands for its UUID, whatever is in memory") {
  const FakeFiles files{{imagers, wifi()},
                        {"/run/NetworkManager/system-connections/x.nmconnection", wifi()}};
  CHECK(content_of(render_server(facts_with(files)), imagers) == wifi("", manual));
}

TEST_CASE("a connection whose UUID no command could name is found by its interface") {
  for (const auto* uuid : {"uuid=-x\n", "uuid=a b\n", "uuid=\n", ""}) {
    const auto target =
        render_server(facts_with(std::string{"[connection]\ntype=wifi\n"} + uuid + "[ipv4]\n"));
    CHECK(find_file(target, imagers)->reactions.at(0).subject == "network_manager:@wlan0");
  }
}

TEST_CASE("an old script's connection goes, but not the one that has the network's password") {
  const auto file = connections + "wlan0-static.nmconnection";
  const auto text = fmt::format(
      "[connection]\nid=wlan0-static\ninterface-name=wlan0\n[wifi]\nssid=site\n"
      "[wifi-security]\npsk={}\n[ipv4]\naddress1=192.168.4.2/24\n",
      psk);
  const auto target = render_server(facts_with(FakeFiles{{file, text}}));
  REQUIRE(has_file(target, file));
  CHECK(find_file(target, file)->kind == FileKind::edited);
}

TEST_CASE("a connection that asks no DHCP server is noted where one is to reserve the address") {
  auto site = make_site();
  site.hosts[0].addresses[0].addressing = profile::Addressing::reservation;
  const auto notes = [&](const std::string& text) {
    const auto target = render_host(site, site.hosts[0], facts_with(text));
    CHECK_FALSE(has_file(target, imagers));
    return join(target.notes, "\n");
  };
  CHECK_THAT(notes(wifi("", manual)),
             has("'preconfigured' asks no DHCP server") && has("ipv4.method auto"));
  CHECK_THAT(notes(wifi()), !has("asks no DHCP server"));
  CHECK_THAT(notes(wifi("interface-name=wlan1\n", manual)), !has("asks no DHCP server"));
}

TEST_CASE("a port of a bridge gets no address") {
  CHECK_THAT(refusal_of(facts_with(wifi("controller=br0\n"))), has("'wlan0' is Wi-Fi"));
}

TEST_CASE("below netplan a connection that NetworkManager has of its own is changed too") {
  auto facts = facts_with(wifi());
  facts.network.backend = NetworkBackendName::netplan;
  facts.network.netplan = {{"ethernets", "eth0", "/etc/netplan/50-cloud-init.yaml", 4, "", "", ""}};
  CHECK_THAT(refusal_of(facts), has("'wlan0' is Wi-Fi"));
  facts.network.netplan_renderer = "NetworkManager";
  const auto target = render_server(facts);
  CHECK(content_of(target, imagers) == wifi("", manual));
  CHECK_FALSE(has_file(target, "/etc/netplan/90-timectl.yaml"));
}

TEST_CASE("netplan's Wi-Fi that NetworkManager wrote for any interface is this one's") {
  const FakeFiles files{
      {"/var/lib/dpkg/status",
       "Package: netplan.io\nStatus: install ok installed\nVersion: 1.1.2\n"},
      {"/etc/netplan/90-NM-6d5f2f6e.yaml",
       "network:\n  version: 2\n  wifis:\n    NM-6d5f2f6e:\n      renderer: NetworkManager\n"
       "      match: {}\n      dhcp4: true\n      access-points:\n        \"site\":\n"
       "          auth:\n            password: \"secret\"\n"}};
  auto facts = facts_with(files);
  facts.network.backend = NetworkBackendName::netplan;
  CHECK_THAT(content_of(render_server(facts), "/etc/netplan/90-timectl.yaml"),
             has("  wifis:\n    \"NM-6d5f2f6e\":\n      dhcp4: false\n") && !has("secret"));
  facts.network.netplan.push_back(facts.network.netplan.front());
  facts.network.netplan.back().id = "NM-0c5ad9a8";
  CHECK_THAT(refusal_of(facts), has("wlan0 is defined twice: as 'NM-6d5f2f6e'"));
  facts.network.netplan.back().id = "wlan0";
  facts.network.netplan.back().matches_any = false;
  CHECK_THAT(content_of(render_server(facts), "/etc/netplan/90-timectl.yaml"),
             has("  wifis:\n    \"wlan0\":\n"));
  facts.network.netplan.pop_back();
  facts.interfaces.push_back({.name = "wlan1", .is_wireless = true});
  CHECK_THAT(refusal_of(facts), has("defines 'NM-6d5f2f6e', which is not about wlan0 alone"));
}

TEST_CASE("dhcpcd and networkd leave the Wi-Fi network to wpa_supplicant: an address is enough") {
  auto facts = facts_with(FakeFiles{});
  facts.network.backend = NetworkBackendName::dhcpcd;
  CHECK_THAT(content_of(render_server(facts), "/etc/dhcpcd.conf"),
             has("\ninterface wlan0\nstatic ip_address=192.168.4.2/24\n"));
  facts.network.backend = NetworkBackendName::networkd;
  CHECK_THAT(content_of(render_server(facts), "/etc/systemd/network/10-timectl-wlan0.network"),
             has("[Match]\nName=wlan0\n"));
}

namespace {

constexpr auto interfaces = "/etc/network/interfaces";
constexpr auto own_stanza = "/etc/network/interfaces.d/timectl-wlan0";

facts::Facts facts_of_ifupdown(const FakeFiles& files) {
  auto with_package = files;
  with_package.put("/var/lib/dpkg/status",
                   "Package: ifupdown\nStatus: install ok installed\nVersion: 0.8.41\n");
  auto facts = facts_with(with_package);
  facts.network.backend = NetworkBackendName::ifupdown;
  return facts;
}

std::string with_stanza(const std::string& stanza) {
  return "source /etc/network/interfaces.d/*\nauto wlan0\n" + stanza;
}

}  // namespace

TEST_CASE("ifupdown's stanza takes the file of wpa_supplicant along, and keeps it") {
  const auto text =
      with_stanza("iface wlan0 inet dhcp\n\twpa-conf /etc/wpa_supplicant/wpa_supplicant.conf\n");
  FakeFiles files{{interfaces, text}};
  auto facts = facts_of_ifupdown(files);
  CHECK_THAT(refusal_of(facts), has("'timectl provision --take-over' comment it out") &&
                                    has("with 'wpa-conf /etc/wpa_supplicant/wpa_supplicant.conf'"));
  facts.let_everything_go();
  const auto target = render_server(facts);
  const auto* stanza =
      "iface wlan0 inet static\n    address 192.168.4.2/24\n"
      "    wpa-conf /etc/wpa_supplicant/wpa_supplicant.conf\n    gateway 192.168.4.1\n";
  CHECK_THAT(content_of(target, own_stanza), has(stanza));
  // The next time the user's stanza is a comment.
  files.put(interfaces, content_of(target, interfaces));
  files.put(own_stanza, content_of(target, own_stanza));
  CHECK_THAT(content_of(render_server(facts_of_ifupdown(files)), own_stanza), has(stanza));
}

TEST_CASE("a password in ifupdown's stanza is not copied, nor said") {
  const auto refusal = refusal_of(facts_of_ifupdown(FakeFiles{
      {interfaces,
       with_stanza(fmt::format("iface wlan0 inet dhcp\n\twpa-psk {}\n\twpa-ssid site\n", psk))}}));
  CHECK_THAT(refusal, has("has 'wpa-psk' in the stanza of wlan0") && has("wpa_passphrase"));
}

TEST_CASE("ifupdown's Wi-Fi in a stanza that stays is enough") {
  const auto text =
      with_stanza("iface wlan0 inet manual\n\twpa-conf /etc/wpa_supplicant/wpa_supplicant.conf\n");
  const auto target = render_server(facts_of_ifupdown(FakeFiles{{interfaces, text}}));
  CHECK_THAT(content_of(target, own_stanza), has("inet static") && !has("wpa-conf"));
  const auto roaming =
      with_stanza("iface wlan0 inet manual\n\twpa-roam /etc/wpa_supplicant/roam.conf\n");
  CHECK_THAT(refusal_of(facts_of_ifupdown(FakeFiles{{interfaces, roaming}})),
             has("'wlan0' is Wi-Fi"));
}

TEST_CASE("a connection that keeps the address of timectl is named with how it asks DHCP again") {
  auto site = make_site();
  auto& address = site.hosts[0].addresses[0];
  address.addressing = profile::Addressing::none;
  auto facts = facts_with(wifi("", manual));
  const auto notes = [&] { return join(render_host(site, site.hosts[0], facts).notes, "\n"); };
  // It may be the user's own.
  CHECK_THAT(notes(), !has("preconfigured"));
  facts.changed_once = {imagers};
  const auto target = render_host(site, site.hosts[0], facts);
  CHECK_FALSE(has_file(target, imagers));
  CHECK_THAT(notes(), has("the Wi-Fi connection 'preconfigured' keeps 192.168.4.2/24, which "
                          "timectl once wrote to " +
                          imagers));
  CHECK_THAT(notes(), has("nmcli connection modify 'preconfigured' ipv4.method auto ipv4.gateway "
                          "\"\" ipv4.addresses \"\" ipv4.dns \"\" has it"));
  SECTION("on a card by hand, where no nmcli can") {
    facts.is_offline_root = true;
    facts.root = "/mnt/card";
    CHECK_THAT(notes(), has("set method=auto in [ipv4] of /mnt/card" + imagers));
  }
  SECTION("not where the user has changed it since") {
    for (const auto* ipv4 : {"method=auto\n", "method=manual\naddress1=192.168.4.9/24\n",
                             "method=manual\naddress1=192.168.4.2/24\naddress2=10.0.0.2/8\n"}) {
      auto changed_since = facts_with(wifi("", ipv4));
      changed_since.changed_once = {imagers};
      facts = changed_since;
      CHECK_THAT(notes(), !has("preconfigured"));
    }
  }
  SECTION("not while timectl gives it the address") {
    address.addressing = profile::Addressing::static_address;
    CHECK_THAT(notes(), !has("preconfigured"));
  }
}
