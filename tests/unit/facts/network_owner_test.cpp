// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/error.hpp"
#include "facts/details.hpp"
#include "support/catch.hpp"
#include "support/fixture_root.hpp"

using namespace timectl;
using namespace timectl::facts;
using test::FakeFiles;

namespace {

void enable(FakeFiles& files, const std::string& unit) {
  const auto path = "/usr/lib/systemd/system/" + unit;
  files.put(path, "");
  files.put_link("/etc/systemd/system/multi-user.target.wants/" + unit, path);
}

NetworkOwner owner_of(const FakeFiles& files, const std::map<std::string, Version>& packages = {}) {
  const test::LinkedServices services{files};
  const test::StatusPackages none{files};
  return find_network_owner({files, services, none}, packages);
}

const std::map<std::string, Version> netplan_installed{{"netplan.io", Version{1, 1, ""}}};
const std::map<std::string, Version> ifupdown_installed{{"ifupdown", Version{0, 8, ""}}};

const auto* const cloud_init =
    "# This file is generated from information provided by the datasource.\n"
    "network:\n"
    "  version: 2\n"
    "  ethernets:\n"
    "    eth0:\n"
    "      dhcp4: true\n"
    "      optional: true\n"
    "  wifis:\n"
    "    wlan0:\n"
    "      dhcp4: true\n"
    "      access-points:\n"
    "        \"a: #1 'net'\":\n"
    "          password: \"x\"\n";

/// A host without a bus.
struct MuteServices : system::ServiceReader {
  bool is_running() const override { return true; }
  system::UnitState state(std::string_view) const override {
    throw Error{ErrorKind::external, "cannot ask systemd: there is no bus"};
  }
  std::vector<std::string> process_environment(std::uint32_t) const override { return {}; }
  std::vector<system::UnitProcess> processes(std::string_view) const override { return {}; }
};

}  // namespace

TEST_CASE("netplan owns the network when it is installed and defines an interface, beside others") {
  FakeFiles files{{"/etc/netplan/50-cloud-init.yaml", cloud_init}};
  enable(files, "NetworkManager.service");
  const auto owner = owner_of(files, netplan_installed);
  CHECK(owner.backend == NetworkBackendName::netplan);
  CHECK(owner.evidence ==
        std::vector<std::string>{
            "/etc/netplan/50-cloud-init.yaml defines eth0 and netplan.io is installed"});
  CHECK(owner.netplan_renderer == "networkd");
  CHECK(owner_of(files).backend == NetworkBackendName::network_manager);
}

TEST_CASE("an enabled NetworkManager owns the network, a masked one does not") {
  FakeFiles files;
  enable(files, "NetworkManager.service");
  const auto owner = owner_of(files);
  CHECK(owner.backend == NetworkBackendName::network_manager);
  CHECK(owner.evidence == std::vector<std::string>{"NetworkManager.service is enabled"});
  files.put_link("/etc/systemd/system/NetworkManager.service", "/dev/null");
  CHECK(owner_of(files).backend == NetworkBackendName::unknown);
}

TEST_CASE("a network back end is recognized by the packages, the unit and the files of its row") {
  for (const auto& backend : platform::network_backends) {
    if (std::string_view{backend.unit}.empty()) continue;  // netplan: see below
    INFO(backend.word);
    FakeFiles files;
    enable(files, backend.unit);
    std::string file = backend.files;
    if (file.find('*') != file.npos) file.replace(file.find('*'), 1, "eth0");
    if (!file.empty()) files.put(file, std::string{backend.interface_key} + "=eth0\n");
    const auto owner = owner_of(files, {{backend.packages.front(), Version{1, 0, ""}}});
    CHECK(owner.backend == backend.name);
    CHECK(owner.evidence.front() == std::string{backend.unit} + " is enabled");
    if (!file.empty()) {
      CHECK(configured_interfaces(files, backend.name) == std::vector<std::string>{"eth0"});
    }
  }
}

TEST_CASE("a host without any network back end is told which ones timectl searched for") {
  CHECK(owner_of(FakeFiles{}).evidence ==
        std::vector<std::string>{
            "neither netplan, NetworkManager, dhcpcd, systemd-networkd nor ifupdown is set up"});
}

TEST_CASE("networkd that is enabled and has no files owns nothing") {
  FakeFiles files{
      {"/etc/network/interfaces", "auto lo\niface lo inet loopback\niface eth0 inet dhcp\n"}};
  enable(files, "systemd-networkd.service");
  const auto owner = owner_of(files);
  CHECK(owner.backend == NetworkBackendName::ifupdown);
  CHECK(owner.evidence == std::vector<std::string>{"/etc/network/interfaces configures eth0"});
  files.put("/etc/systemd/network/20-wired.network", "[Match]\nName=eth0\n");
  CHECK(owner_of(files).backend == NetworkBackendName::networkd);
}

TEST_CASE("an interfaces file that knows only the loopback says nothing") {
  const auto owner = owner_of(FakeFiles{{"/etc/network/interfaces", "iface lo inet loopback\n"}});
  CHECK(owner.backend == NetworkBackendName::unknown);
  CHECK(owner.evidence.size() == 1);
}

TEST_CASE("dhcpcd comes before what ifupdown left") {
  FakeFiles files{{"/etc/network/interfaces", "iface eth0 inet manual\n"}};
  enable(files, "dhcpcd.service");
  CHECK(owner_of(files).backend == NetworkBackendName::dhcpcd);
}

TEST_CASE("configured interfaces are found in each back end's own files") {
  using Names = std::vector<std::string>;
  const FakeFiles files{
      {"/etc/systemd/network/10-any.network", "[Match]\nName=en*\n"},
      {"/etc/systemd/network/20-wired.network", "[Match]\nName=end0\n"},
      {"/etc/NetworkManager/system-connections/wired.nmconnection", "interface-name=eth1\n"},
      {"/etc/network/interfaces", "source /etc/network/interfaces.d/*\n"},
      {"/etc/network/interfaces.d/eth2", "\tiface eth2 inet static\niface eth2 inet6 auto\n"},
      {"/etc/dhcpcd.conf", "interface eth3\nstatic ip_address=192.0.2.1/24\n"}};
  CHECK(configured_interfaces(files, NetworkBackendName::networkd) == Names{"end0"});
  CHECK(configured_interfaces(files, NetworkBackendName::network_manager) == Names{"eth1"});
  CHECK(configured_interfaces(files, NetworkBackendName::ifupdown) == Names{"eth2"});
  CHECK(configured_interfaces(files, NetworkBackendName::dhcpcd) == Names{"eth3"});
  CHECK(configured_interfaces(files, NetworkBackendName::unknown).empty());
}

TEST_CASE("a file that only root may read is not known to others, and no error") {
  FakeFiles files{{"/etc/NetworkManager/system-connections/w.nmconnection", "interface-name=x\n"}};
  files.forbid_reading("/etc/NetworkManager/system-connections/w.nmconnection");
  CHECK(configured_interfaces(files, NetworkBackendName::network_manager).empty());
}

TEST_CASE(
    "a systemd that cannot be asked ended the facts: the owner is unknown, and the reason said") {
  const FakeFiles files{{"/etc/network/interfaces", "iface eth0 inet dhcp\n"}};
  const MuteServices services;
  const test::StatusPackages none{files};
  const auto owner = find_network_owner({files, services, none}, {});
  CHECK(owner.backend == NetworkBackendName::unknown);
  CHECK(owner.evidence ==
        std::vector<std::string>{"whether NetworkManager.service is in use is not known: cannot "
                                 "ask systemd: there is no bus"});
  const FakeFiles planned{{"/etc/netplan/50-cloud-init.yaml", cloud_init}};
  CHECK(find_network_owner({planned, services, none}, netplan_installed).backend ==
        NetworkBackendName::netplan);
}

TEST_CASE("a unit that systemd cannot be asked of twice was two back ends: it is one doubt") {
  const FakeFiles files{
      {"/usr/lib/netplan/00-network-manager-all.yaml", "network:\n  renderer: NetworkManager\n"}};
  const MuteServices services;
  const test::StatusPackages none{files};
  const auto owner = find_network_owner({files, services, none}, netplan_installed);
  CHECK(owner.backend == NetworkBackendName::unknown);
  CHECK(owner.evidence.size() == 1);
}

TEST_CASE(
    "a netplan that leaves the network to NetworkManager was refused: NetworkManager owns it") {
  FakeFiles files{{"/usr/lib/netplan/00-network-manager-all.yaml",
                   "network:\n  version: 2\n  renderer: \"NetworkManager\"  # all of it\n"}};
  CHECK(owner_of(files, netplan_installed).backend == NetworkBackendName::unknown);
  enable(files, "NetworkManager.service");
  const auto owner = owner_of(files, netplan_installed);
  CHECK(owner.backend == NetworkBackendName::network_manager);
  CHECK(owner.evidence == std::vector<std::string>{"netplan leaves the network to it in "
                                                   "/usr/lib/netplan/00-network-manager-all.yaml",
                                                   "NetworkManager.service is enabled"});
}

TEST_CASE("netplan with definitions sits above the NetworkManager that it hands them to") {
  FakeFiles files{{"/etc/netplan/50-cloud-init.yaml", cloud_init},
                  {"/etc/netplan/90-timectl.yaml", "network:\n  renderer: networkd\n"},
                  {"/usr/lib/netplan/00-network-manager-all.yaml",
                   "network:\n  version: 2\n  renderer: NetworkManager\n"}};
  enable(files, "NetworkManager.service");
  const auto owner = owner_of(files, netplan_installed);
  CHECK(owner.backend == NetworkBackendName::netplan);
  CHECK(owner.netplan_renderer == "NetworkManager");
  CHECK(owner.evidence.back() ==
        "/usr/lib/netplan/00-network-manager-all.yaml hands it to NetworkManager");
  REQUIRE(owner.netplan.size() == 2);
  CHECK(owner.netplan[0].type == "ethernets");
  CHECK(owner.netplan[0].address_line == 0);
  CHECK(owner.netplan[1].type == "wifis");
  CHECK(owner.netplan[1].id == "wlan0");
  CHECK(owner.netplan[1].line == 9);
}

TEST_CASE("a netplan file that one of its name hides is not read") {
  FakeFiles files{{"/etc/netplan/00-all.yaml", "network:\n  renderer: networkd\n"},
                  {"/usr/lib/netplan/00-all.yaml", "network:\n  renderer: NetworkManager\n"}};
  CHECK(read_netplan(files).renderer == "networkd");
  files.put("/run/netplan/00-all.yaml", "network:\n  renderer: NetworkManager\n");
  CHECK(read_netplan(files).renderer_file == "/run/netplan/00-all.yaml");
}

TEST_CASE("what a netplan definition matches and which addresses it has is known") {
  const FakeFiles files{{"/etc/netplan/60-lan.yaml",
                         "network:\n"
                         "  ethernets:\n"
                         "    \"lan\":\n"
                         "      match:\n"
                         "        macaddress: \"02:00:00:00:00:01\"\n"
                         "      set-name: lan0\n"
                         "      routes:\n"
                         "      - to: default\n"
                         "        via: 192.0.2.1\n"
                         "    all:\n"
                         "      match: {name: \"en*\", driver: x}\n"
                         "      nameservers:\n"
                         "        addresses: [192.0.2.1]\n"}};
  const auto found = read_netplan(files).definitions;
  REQUIRE(found.size() == 2);
  CHECK(found[0].id == "lan");
  CHECK(found[0].match_mac == "02:00:00:00:00:01");
  CHECK(found[0].set_name == "lan0");
  CHECK(found[0].address_line == 7);
  CHECK(found[1].match_name == "en*");
  CHECK(found[1].address_line == 0);
  CHECK(configured_interfaces(files, NetworkBackendName::netplan) ==
        std::vector<std::string>{"lan0"});
}

TEST_CASE("netplan files that cannot be read or understood are owned by netplan, with the reason") {
  FakeFiles files{{"/etc/netplan/50-cloud-init.yaml", cloud_init}};
  files.forbid_reading("/etc/netplan/50-cloud-init.yaml");
  const auto secret = owner_of(files, netplan_installed);
  CHECK(secret.backend == NetworkBackendName::netplan);
  CHECK(secret.netplan_doubts ==
        std::vector<std::string>{"/etc/netplan/50-cloud-init.yaml may only be read by root"});
  const FakeFiles braces{{"/etc/netplan/1.yaml", "network:\n  ethernets: {eth0: {dhcp4: true}}\n"}};
  CHECK(owner_of(braces, netplan_installed).netplan_doubts ==
        std::vector<std::string>{
            "/etc/netplan/1.yaml line 2 has its definitions in braces, which timectl does not "
            "read"});
}

TEST_CASE("ifupdown stays in charge when its last stanza is commented out for timectl's") {
  FakeFiles files{{"/etc/network/interfaces", "#iface eth0 inet dhcp\n"}};
  enable(files, "networking.service");
  CHECK(owner_of(files, ifupdown_installed).backend == NetworkBackendName::ifupdown);
  enable(files, "NetworkManager.service");
  CHECK(owner_of(files, ifupdown_installed).backend == NetworkBackendName::network_manager);
}

TEST_CASE(
    "a host that timectl told ifupdown of an address lost its owner beside an idle networkd") {
  FakeFiles files{{"/etc/network/interfaces", "# iface eth0 inet dhcp\n"},
                  {"/etc/network/interfaces.d/timectl-eth0", "iface eth0 inet static\n"}};
  enable(files, "systemd-networkd.service");
  const auto owner = owner_of(files, ifupdown_installed);
  CHECK(owner.backend == NetworkBackendName::ifupdown);
  CHECK(owner.evidence ==
        std::vector<std::string>{"/etc/network/interfaces.d/timectl-eth0 exists"});
}

TEST_CASE("networkd's name servers go nowhere unless resolved is in use") {
  FakeFiles files{{"/etc/systemd/network/20-wired.network", "[Match]\nName=eth0\n"}};
  enable(files, "systemd-networkd.service");
  CHECK(owner_of(files).lacks_resolver);
  enable(files, "systemd-resolved.service");
  CHECK_FALSE(owner_of(files).lacks_resolver);
  FakeFiles planned{{"/etc/netplan/50-cloud-init.yaml", cloud_init}};
  CHECK(owner_of(planned, netplan_installed).lacks_resolver);
  planned.put("/etc/netplan/99.yaml", "network:\n  renderer: NetworkManager\n");
  CHECK_FALSE(owner_of(planned, netplan_installed).lacks_resolver);
}

TEST_CASE("two back ends at once are none: each piece of evidence is shown") {
  FakeFiles files{{"/etc/network/interfaces", "iface eth0 inet dhcp\n"}};
  enable(files, "NetworkManager.service");
  CHECK(owner_of(files).backend == NetworkBackendName::network_manager);  // no ifupdown
  const auto both = owner_of(files, ifupdown_installed);
  CHECK(both.backend == NetworkBackendName::unknown);
  CHECK(both.evidence ==
        std::vector<std::string>{"NetworkManager.service is enabled",
                                 "/etc/network/interfaces has 'iface eth0 inet dhcp'"});
  files.put("/etc/network/interfaces", "iface eth0 inet manual\n");
  CHECK(owner_of(files, ifupdown_installed).backend == NetworkBackendName::network_manager);
  enable(files, "dhcpcd.service");
  CHECK(owner_of(files).backend == NetworkBackendName::unknown);
}

TEST_CASE("ifupdown's stanzas are found in the files that it reads, with their lines") {
  const FakeFiles files{
      {"/etc/network/interfaces",
       "source /etc/network/interfaces.d/*.cfg\nsource-directory more\n\niface lo inet loopback\n"
       "auto eth0\niface eth0 inet dhcp\niface eth0 inet6 auto\n"},
      {"/etc/network/interfaces.d/a.cfg", "iface eth1 inet static\n"},
      {"/etc/network/interfaces.d/b", "iface eth2 inet static\n"},
      {"/etc/network/more/plain", "iface eth3 inet static\n"},
      {"/etc/network/more/dotted.cfg", "iface eth4 inet static\n"},
      {"/etc/network/more/timectl-eth5", "iface eth5 inet static\n"}};
  const auto settings = interface_settings(files, NetworkBackendName::ifupdown);
  REQUIRE(settings.size() == 3);
  CHECK(settings[0].text == "iface eth0 inet dhcp");
  CHECK(settings[0].line == 6);
  CHECK(settings[1].interface == "eth1");
  CHECK(settings[2].file == "/etc/network/more/plain");
  const auto owner = owner_of(files);
  CHECK(owner.sources_file(system::RootedPath{"/etc/network/more/timectl-eth0"}));
  CHECK_FALSE(owner.sources_file(system::RootedPath{"/etc/network/more/timectl-eth0.7"}));
  CHECK_FALSE(owner.sources_file(system::RootedPath{"/etc/network/interfaces.d/timectl-eth0"}));
}

TEST_CASE("dhcpcd's addresses are found by section, and those of timectl's block are not") {
  const FakeFiles files{{"/etc/dhcpcd.conf",
                         "denyinterfaces docker*, veth0\n"
                         "static ip_address=192.0.2.9/24\n"
                         "interface eth0\n"
                         "static routers=192.0.2.1\n"
                         "static ip_address=192.0.2.1/24 # mine\n"
                         "profile fallback\n"
                         "static ip_address=192.0.2.2/24\n"
                         "# BEGIN timectl (from the profile: lines in here are overwritten)\n"
                         "interface eth1\n"
                         "static ip_address=192.0.2.3/24\n"
                         "# END timectl\n"}};
  const auto settings = interface_settings(files, NetworkBackendName::dhcpcd);
  REQUIRE(settings.size() == 3);
  CHECK(settings[0].interface == "docker*");
  CHECK(settings[1].interface == "veth0");
  CHECK(settings[2].interface == "eth0");
  CHECK(settings[2].line == 5);
}
