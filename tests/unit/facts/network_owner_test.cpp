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
  return look_at_network_owner({files, services, none}, packages);
}

/// A host without a bus.
struct MuteServices : system::ServiceReader {
  bool is_running() const override { return true; }
  system::UnitState state(std::string_view) const override {
    throw Error{ErrorKind::external, "cannot ask systemd: there is no bus"};
  }
  std::vector<std::string> process_environment(std::string_view) const override { return {}; }
};

}  // namespace

TEST_CASE("netplan owns the network when it is installed and has a file, even beside others") {
  FakeFiles files{{"/etc/netplan/50-cloud-init.yaml", "network:\n"}};
  enable(files, "NetworkManager.service");
  const auto owner = owner_of(files, {{"netplan.io", Version{1, 1, ""}}});
  CHECK(owner.authority == NetworkAuthority::netplan);
  CHECK(owner.evidence ==
        std::vector<std::string>{
            "/etc/netplan/50-cloud-init.yaml exists and netplan.io is installed"});
  CHECK(owner_of(files).authority == NetworkAuthority::network_manager);
}

TEST_CASE("an enabled NetworkManager owns the network, a masked one does not") {
  FakeFiles files;
  enable(files, "NetworkManager.service");
  const auto owner = owner_of(files);
  CHECK(owner.authority == NetworkAuthority::network_manager);
  CHECK(owner.evidence == std::vector<std::string>{"NetworkManager.service is enabled"});
  files.put_link("/etc/systemd/system/NetworkManager.service", "/dev/null");
  CHECK(owner_of(files).authority == NetworkAuthority::unknown);
}

TEST_CASE("networkd that is enabled and has no files owns nothing") {
  FakeFiles files{
      {"/etc/network/interfaces", "auto lo\niface lo inet loopback\niface eth0 inet dhcp\n"}};
  enable(files, "systemd-networkd.service");
  const auto owner = owner_of(files);
  CHECK(owner.authority == NetworkAuthority::ifupdown);
  CHECK(owner.evidence == std::vector<std::string>{"/etc/network/interfaces configures eth0"});
  files.put("/etc/systemd/network/20-wired.network", "[Match]\nName=eth0\n");
  CHECK(owner_of(files).authority == NetworkAuthority::networkd);
}

TEST_CASE("an interfaces file that knows only the loopback says nothing") {
  const auto owner = owner_of(FakeFiles{{"/etc/network/interfaces", "iface lo inet loopback\n"}});
  CHECK(owner.authority == NetworkAuthority::unknown);
  CHECK(owner.evidence.size() == 1);
}

TEST_CASE("dhcpcd comes before ifupdown's leftovers") {
  FakeFiles files{{"/etc/network/interfaces", "iface eth0 inet manual\n"}};
  enable(files, "dhcpcd.service");
  CHECK(owner_of(files).authority == NetworkAuthority::dhcpcd);
}

TEST_CASE("configured interfaces are found in each authority's own files") {
  using Names = std::vector<std::string>;
  const FakeFiles files{
      {"/etc/systemd/network/10-any.network", "[Match]\nName=en*\n"},
      {"/etc/systemd/network/20-wired.network", "[Match]\nName=end0\n"},
      {"/etc/NetworkManager/system-connections/wired.nmconnection", "interface-name=eth1\n"},
      {"/etc/network/interfaces", "source /etc/network/interfaces.d/*\n"},
      {"/etc/network/interfaces.d/eth2", "\tiface eth2 inet static\niface eth2 inet6 auto\n"},
      {"/etc/dhcpcd.conf", "interface eth3\nstatic ip_address=192.0.2.1/24\n"}};
  CHECK(configured_interfaces(files, NetworkAuthority::networkd) == Names{"end0"});
  CHECK(configured_interfaces(files, NetworkAuthority::network_manager) == Names{"eth1"});
  CHECK(configured_interfaces(files, NetworkAuthority::ifupdown) == Names{"eth2"});
  CHECK(configured_interfaces(files, NetworkAuthority::dhcpcd) == Names{"eth3"});
  CHECK(configured_interfaces(files, NetworkAuthority::unknown).empty());
}

TEST_CASE("a file that only root may read is not known to others, and no error") {
  FakeFiles files{{"/etc/NetworkManager/system-connections/w.nmconnection", "interface-name=x\n"}};
  files.forbid_reading("/etc/NetworkManager/system-connections/w.nmconnection");
  CHECK(configured_interfaces(files, NetworkAuthority::network_manager).empty());
}

TEST_CASE(
    "a systemd that cannot be asked ended the facts: the owner is unknown, and the reason said") {
  const FakeFiles files{{"/etc/network/interfaces", "iface eth0 inet dhcp\n"}};
  const MuteServices services;
  const test::StatusPackages none{files};
  const auto owner = look_at_network_owner({files, services, none}, {});
  CHECK(owner.authority == NetworkAuthority::unknown);
  CHECK(owner.evidence ==
        std::vector<std::string>{"whether NetworkManager.service is in use is not known: cannot "
                                 "ask systemd: there is no bus"});
  const FakeFiles planned{{"/etc/netplan/50-cloud-init.yaml", "network:\n"}};
  CHECK(look_at_network_owner({planned, services, none}, {{"netplan.io", Version{1, 1, ""}}})
            .authority == NetworkAuthority::netplan);
}

TEST_CASE(
    "a netplan that leaves the network to NetworkManager was refused: NetworkManager owns it") {
  const std::map<std::string, Version> packages{{"netplan.io", Version{1, 1, ""}}};
  FakeFiles files{
      {"/etc/netplan/50-cloud-init.yaml", "network:\n  version: 2\n  wifis:\n    wlan0:\n"},
      {"/usr/lib/netplan/00-network-manager-all.yaml",
       "network:\n  version: 2\n  renderer: \"NetworkManager\"  # all of it\n"}};
  CHECK(owner_of(files, packages).authority == NetworkAuthority::netplan);  // no such service
  enable(files, "NetworkManager.service");
  const auto owner = owner_of(files, packages);
  CHECK(owner.authority == NetworkAuthority::network_manager);
  CHECK(owner.evidence == std::vector<std::string>{"netplan leaves the network to it in "
                                                   "/usr/lib/netplan/00-network-manager-all.yaml",
                                                   "NetworkManager.service is enabled"});
  files.put("/etc/netplan/60-lan.yaml",
            "network:\n  ethernets:\n    eth0:\n      renderer: networkd\n");
  CHECK(owner_of(files, packages).authority == NetworkAuthority::netplan);
}

TEST_CASE("a netplan file that one of its name in /etc hides names no renderer") {
  FakeFiles files{{"/etc/netplan/00-all.yaml", "network:\n  renderer: networkd\n"},
                  {"/usr/lib/netplan/00-all.yaml", "network:\n  renderer: NetworkManager\n"}};
  enable(files, "NetworkManager.service");
  CHECK(owner_of(files, {{"netplan.io", Version{1, 1, ""}}}).authority ==
        NetworkAuthority::netplan);
}
