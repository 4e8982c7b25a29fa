// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "facts/details.hpp"
#include "support/catch.hpp"
#include "support/fixture_root.hpp"

using namespace timectl;
using namespace timectl::facts;
using test::FakeFiles;

namespace {

constexpr auto netplan_file = "/etc/netplan/50-cloud-init.yaml";

/// The text of the file without the addresses of the definitions in it, one after the other.
std::string netplan_without(const std::string& text) {
  FakeFiles files{{netplan_file, text}};
  for (const auto& each : read_netplan(files).definitions) {
    if (each.address_line != 0) return each.without;
  }
  return "no addresses";
}

}  // namespace

TEST_CASE("an ifupdown stanza becomes comments up to the next one, and no other does") {
  const std::string text =
      "auto lo eth0\n"
      "iface lo inet loopback\n"
      "iface eth0 inet static\n"
      "\taddress 192.0.2.1/24\n"
      "\n"
      "# the office\n"
      "\tup ip route add 192.0.2.128/25 \\\n"
      "\t   via 192.0.2.9\n"
      "iface eth0 inet6 auto\n"
      "allow-hotplug eth1\n"
      "iface eth1 inet static\n"
      "\taddress 192.0.2.1/24\n";
  CHECK(without_stanzas(text, "eth0") ==
        "auto lo eth0\n"
        "iface lo inet loopback\n"
        "# iface eth0 inet static\n"
        "# \taddress 192.0.2.1/24\n"
        "\n"
        "# the office\n"
        "# \tup ip route add 192.0.2.128/25 \\\n"
        "# \t   via 192.0.2.9\n"
        "iface eth0 inet6 auto\n"
        "allow-hotplug eth1\n"
        "iface eth1 inet static\n"
        "\taddress 192.0.2.1/24\n");
}

TEST_CASE("what ifupdown is told of an interface comes with the file as it would be without it") {
  const FakeFiles files{{"/etc/network/interfaces", "auto eth0\niface eth0 inet dhcp\n"}};
  const auto settings = interface_settings(files, NetworkBackendName::ifupdown);
  REQUIRE(settings.size() == 1);
  CHECK(settings[0].without == "auto eth0\n# iface eth0 inet dhcp\n");
  CHECK_FALSE(settings[0].may_go);
}

TEST_CASE("the file of wpa_supplicant that a stanza names is known, and one that stays elsewhere") {
  const std::string text =
      "iface wlan0 inet static\n\twpa_conf  /etc/a.conf\n\taddress 192.0.2.1/24\n"
      "iface wlan1 inet manual\n\twpa-ssid site\n"
      "iface wlan2 inet6 auto\n\twpa-conf /etc/b.conf\n"
      "iface wlan3 inet manual\n\twpa-roam /etc/c.conf\n";
  CHECK(carried_options(text, "wlan0") == std::vector<std::string>{"wpa_conf /etc/a.conf"});
  CHECK(carried_options(text, "wlan1").empty());
  CHECK(other_wifi_stanzas(text) == std::vector<std::string>{"wlan1", "wlan2"});
}

TEST_CASE("what an ifupdown stanza has besides an address is found") {
  const auto more = [](const std::string& options) {
    const FakeFiles files{{"/etc/network/interfaces", "iface br0 inet static\n" + options +
                                                          "iface eth1 inet dhcp\n\tmtu 1400\n"}};
    return interface_settings(files, NetworkBackendName::ifupdown).at(0).more;
  };
  CHECK(more("").empty());
  CHECK(more("\taddress 192.0.2.1\n\tnetmask 255.255.255.0\n\tgateway 192.0.2.9\n").empty());
  CHECK(more("\t# the office\n\tdns-nameservers 9.9.9.9 \\\n\t  1.1.1.1\n").empty());
  CHECK(more("\taddress 192.0.2.1/24\n\tbridge_ports eth0\n") == "bridge_ports eth0");
  CHECK(more("\tbond-slaves eth0 eth1\n") == "bond-slaves eth0 eth1");
  CHECK(more("\tvlan-raw-device eth0\n") == "vlan-raw-device eth0");
  CHECK(more("\tup ip route add 192.0.2.128/25 via 192.0.2.9\n") ==
        "up ip route add 192.0.2.128/25 via 192.0.2.9");
  // A password is not repeated.
  CHECK(more("\twpa-psk secret\n\twpa-ssid site\n") == "wpa-psk");
  CHECK(more("\twireless_key s:secret\n") == "wireless_key");
  CHECK(more("\twpa-conf /etc/a.conf\n\twpa_driver nl80211\n").empty());
  CHECK(more("\twpa-conf /etc/a \\\n\t.conf\n") == "wpa-conf");
  CHECK(more("\thwaddress ether 02:00:00:00:00:01\n") == "hwaddress ether 02:00:00:00:00:01");
}

TEST_CASE("netplan's addresses and routes become comments, the rest of a definition stays") {
  CHECK(netplan_without("network:\n"
                        "  version: 2\n"
                        "  ethernets:\n"
                        "    eth0:\n"
                        "      addresses:\n"
                        "      - 192.0.2.1/24\n"
                        "      dhcp6: true\n"
                        "      nameservers:\n"
                        "        addresses: [192.0.2.3]\n"
                        "      routes:\n"
                        "        - to: default\n"
                        "          via: 192.0.2.9\n"
                        "    eth1:\n"
                        "      dhcp4: true\n") ==
        "network:\n"
        "  version: 2\n"
        "  ethernets:\n"
        "    eth0:\n"
        "#       addresses:\n"
        "#       - 192.0.2.1/24\n"
        "      dhcp6: true\n"
        "      nameservers:\n"
        "        addresses: [192.0.2.3]\n"
        "#       routes:\n"
        "#         - to: default\n"
        "#           via: 192.0.2.9\n"
        "    eth1:\n"
        "      dhcp4: true\n");
}

TEST_CASE("routes whose items stand at their key's own column were cut in the middle") {
  CHECK(netplan_without("network:\n"
                        "  ethernets:\n"
                        "    eth0:\n"
                        "      addresses:\n"
                        "      - 192.168.4.1/24:\n"
                        "          label: a\n"
                        "      - 192.168.4.7/24\n"
                        "      routes:\n"
                        "      - to: default\n"
                        "        via: 192.168.4.1\n"
                        "      - to: 10.0.0.0/8\n"
                        "        via: 192.168.4.3\n"
                        "      nameservers:\n"
                        "        addresses:\n"
                        "        - 192.168.4.1\n"
                        "      wakeonlan: true\n"
                        "  version: 2\n") ==
        "network:\n"
        "  ethernets:\n"
        "    eth0:\n"
        "#       addresses:\n"
        "#       - 192.168.4.1/24:\n"
        "#           label: a\n"
        "#       - 192.168.4.7/24\n"
        "#       routes:\n"
        "#       - to: default\n"
        "#         via: 192.168.4.1\n"
        "#       - to: 10.0.0.0/8\n"
        "#         via: 192.168.4.3\n"
        "      nameservers:\n"
        "        addresses:\n"
        "        - 192.168.4.1\n"
        "      wakeonlan: true\n"
        "  version: 2\n");
}

TEST_CASE("a netplan definition of addresses alone goes with them, and netplan stays in charge") {
  const auto without = netplan_without(
      "network:\n  version: 2\n  ethernets:\n    eth0:\n      addresses: [192.0.2.1/24]\n");
  CHECK(without ==
        "network:\n  version: 2\n#   ethernets:\n#     eth0:\n"
        "#       addresses: [192.0.2.1/24]\n");
  FakeFiles files{{netplan_file, without}};
  const std::map<std::string, Version> installed{{"netplan.io", Version{1, 1, ""}}};
  const test::LinkedServices services{files};
  const test::StatusPackages none{files};
  const auto owner = [&] { return find_network_owner({files, services, none}, installed); };
  CHECK(owner().backend == NetworkBackendName::unknown);
  files.put("/etc/netplan/90-timectl.yaml", "network:\n");
  CHECK(owner().backend == NetworkBackendName::netplan);
}

TEST_CASE("by order everything may go") {
  Facts facts;
  facts.existing.emplace_back();
  facts.network.settings.emplace_back();
  facts.network.netplan.emplace_back();
  facts.let_everything_go();
  CHECK(facts.existing[0].may_go);
  CHECK(facts.network.settings[0].may_go);
  CHECK(facts.network.netplan[0].may_go);
}

TEST_CASE("a dhcpcd.conf with nothing but addresses asks for no options") {
  CHECK(asks_no_options(FakeFiles{}));
  CHECK(asks_no_options(
      FakeFiles{{"/etc/dhcpcd.conf", "interface eth0\nstatic ip_address=192.0.2.1/24\n"}}));
  CHECK_FALSE(asks_no_options(FakeFiles{{"/etc/dhcpcd.conf", "persistent\ninterface eth0\n"}}));
  CHECK(asks_no_options(FakeFiles{{"/etc/dhcpcd.conf",
                                   "# BEGIN timectl (from the profile: lines in here are "
                                   "overwritten)\noption x\n# END timectl\n"}}));
}
