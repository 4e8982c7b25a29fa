// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "reach/reach.hpp"

#include "base/text.hpp"
#include "changes.hpp"
#include "reach/sentences.hpp"
#include "support/catch.hpp"
#include "support/fake_network.hpp"

using namespace timectl;
using test::networkd_file;
using test::plan_of;
using test::Text;

namespace {

const std::string route = "the default route loses its local address";
const std::string elsewhere = "192.168.4.2/24 does not fit the subnet that eth0 has";
const std::string ours = networkd_file("192.168.4.2/24", "192.168.4.1");

/// What comes of a host's eth0.
class Host {
 public:
  Host(const std::vector<std::string>& addresses, const std::string& gateway) {
    for (std::size_t i = 0; i < addresses.size(); ++i) {
      i == 0 ? network.add_interface("eth0", addresses[i]) : network.add_address(addresses[i]);
    }
    network.set_gateway(gateway);
    if (gateway.empty()) network.lose_default_route();
  }

  Host& connected(const std::string& peer, const std::string& local) {
    network.connect(peer, local);
    return *this;
  }
  Host& logged_in_from(const std::string& peer) {
    login = IpAddress::parse(peer);
    return *this;
  }

  std::vector<reach::CutOff> cut_offs(const Text& before, const Text& after) const {
    return reach::find_cut_offs(plan_of(before, after), reach::look(network, login));
  }
  /// Joined by "; "; "" where nothing is cut off.
  std::string reasons(const Text& before, const Text& after) const {
    std::string text;
    for (const auto& each : cut_offs(before, after)) text += join(each.reasons, "; ");
    return text;
  }

  test::FakeNetwork network{"raspberrypi"};
  std::optional<IpAddress> login;
};

}  // namespace

TEST_CASE("a host that has no address yet has none to lose", "[reach]") {
  CHECK(Host({}, "").reasons({}, ours).empty());
}

TEST_CASE("an address that stays is no reason", "[reach]") {
  SECTION("DHCP gave it, now it is static") {
    Host host({"192.168.4.2/24"}, "192.168.4.1");
    CHECK(host.connected("192.168.4.9", "192.168.4.2").reasons({}, ours).empty());
  }
  SECTION("with a larger subnet") {
    Host host({"192.168.4.2/25"}, "192.168.4.1");
    CHECK(host.connected("192.168.4.9", "192.168.4.2").reasons({}, ours).empty());
  }
  SECTION("beside a new one") {
    Host host({"192.168.1.50/24"}, "192.168.1.1");
    const auto both = networkd_file("192.168.4.2/24", "192.168.1.1") + "Address=192.168.1.50/24\n";
    CHECK(host.connected("192.168.1.7", "192.168.1.50").reasons({}, both).empty());
  }
  SECTION("with other name servers") {
    Host host({"192.168.4.2/24"}, "192.168.4.1");
    CHECK(host.connected("10.9.8.7", "192.168.4.2").reasons(ours, ours + "DNS=9.9.9.9\n").empty());
  }
}

TEST_CASE("an address of another subnet is never given by the way", "[reach]") {
  SECTION("with a login") {
    Host host({"192.168.1.50/24"}, "192.168.1.1");
    CHECK(host.connected("192.168.1.7", "192.168.1.50").reasons({}, ours) ==
          route + "; " + elsewhere +
              "; the connection between 192.168.1.7 and 192.168.1.50 port 22 ends");
  }
  SECTION("without a connection") {
    CHECK(Host({"192.168.1.50/24"}, "192.168.1.1").reasons({}, ours) == route + "; " + elsewhere);
  }
  SECTION("there is no default route either") {
    CHECK(Host({"192.168.1.50/24"}, "").reasons({}, ours) == elsewhere);
  }
  SECTION("a rollback does that too") {
    CHECK(Host({"192.168.4.2/24"}, "192.168.4.1")
              .reasons(ours, networkd_file("192.168.1.50/24", "192.168.1.1")) ==
          route + "; 192.168.1.50/24 does not fit the subnet that eth0 has");
  }
}

TEST_CASE("another address of the same subnet cuts off who uses the old one", "[reach]") {
  SECTION("the default route") {
    CHECK(Host({"192.168.4.57/24"}, "192.168.4.1").reasons({}, ours) == route);
  }
  SECTION("no connection") { CHECK(Host({"192.168.4.57/24"}, "").reasons({}, ours).empty()); }
  SECTION("several connections") {
    Host host({"192.168.4.57/24"}, "");
    host.connected("192.168.4.9", "192.168.4.57").connected("192.168.4.8", "192.168.4.57");
    CHECK(host.reasons({}, ours) ==
          "2 connections end, one of them between 192.168.4.9 and 192.168.4.57 port 22");
  }
  SECTION("a second address that goes, unused") {
    Host host({"192.168.4.2/24", "192.168.4.57/24"}, "192.168.4.1");
    CHECK(host.connected("192.168.4.9", "192.168.4.2").reasons({}, ours).empty());
  }
  SECTION("a second address that goes, and is used") {
    Host host({"192.168.4.2/24", "192.168.4.57/24"}, "192.168.4.1");
    CHECK(host.connected("192.168.4.9", "192.168.4.57").reasons({}, ours) ==
          "the connection between 192.168.4.9 and 192.168.4.57 port 22 ends");
  }
  SECTION("the host itself is no login") {
    Host host({"192.168.4.57/24"}, "");
    CHECK(host.connected("192.168.4.57", "192.168.4.57").reasons({}, ours).empty());
  }
}

TEST_CASE("a smaller subnet leaves out neighbours", "[reach]") {
  const std::string narrower =
      "192.168.4.2/16 becomes 192.168.4.2/24, which leaves out hosts of its subnet";
  Host host({"192.168.4.2/16"}, "192.168.4.1");
  SECTION("without a connection") { CHECK(host.reasons({}, ours) == narrower); }
  SECTION("one of them is connected") {
    CHECK(host.connected("192.168.7.9", "192.168.4.2").reasons({}, ours) ==
          narrower + "; the connection between 192.168.7.9 and 192.168.4.2 port 22 ends");
  }
  SECTION("one who stays a neighbour is connected") {
    CHECK(host.connected("192.168.4.9", "192.168.4.2").reasons({}, ours) == narrower);
  }
}

TEST_CASE("another default gateway is another way for all who come by it", "[reach]") {
  const std::string ends = "; the connection between 10.9.8.7 and 192.168.4.2 port 22 ends";
  SECTION("it changes") {
    Host host({"192.168.4.2/24"}, "192.168.4.254");
    const std::string changes = "the default gateway changes from 192.168.4.254 to 192.168.4.1";
    CHECK(host.reasons({}, ours) == changes);
    CHECK(host.connected("192.168.4.9", "192.168.4.2").reasons({}, ours) == changes);
    CHECK(host.connected("10.9.8.7", "192.168.4.2").reasons({}, ours) == changes + ends);
  }
  SECTION("there is to be none") {
    Host host({"192.168.4.2/24"}, "192.168.4.1");
    CHECK(
        host.connected("10.9.8.7", "192.168.4.2").reasons(ours, networkd_file("192.168.4.2/24")) ==
        "the default gateway changes from 192.168.4.1 to none" + ends);
  }
  SECTION("it stays") {
    Host host({"192.168.4.2/24"}, "192.168.4.1");
    CHECK(host.connected("10.9.8.7", "192.168.4.2").reasons({}, ours).empty());
  }
}

TEST_CASE("the default route's own address is the one that counts", "[reach]") {
  Host host({"192.168.4.57/24", "192.168.4.2/24"}, "192.168.4.1");
  SECTION("it is the first one") { CHECK(host.reasons({}, ours) == route); }
  SECTION("the route names another") {
    host.network.add_route({.destination = {},
                            .gateway = IpAddress::parse("192.168.4.1"),
                            .interface = "eth0",
                            .source = IpAddress::parse("192.168.4.2")});
    CHECK(host.reasons({}, ours).empty());
  }
}

TEST_CASE("a route that no file has afterwards is lost", "[reach]") {
  Host host({"192.168.4.2/24"}, "");
  host.network.add_route({.destination = Subnet::parse("10.9.0.0/16").value(),
                          .gateway = IpAddress::parse("192.168.4.254"),
                          .interface = "eth0"});
  const auto alone = networkd_file("192.168.4.2/24");
  const auto with_route = alone + "[Route]\nDestination=10.9.0.0/16\nGateway=192.168.4.254\n";
  CHECK(host.reasons({}, alone) == "the route to 10.9.0.0/16 by 192.168.4.254 goes");
  CHECK(host.reasons(with_route, alone) == "the route to 10.9.0.0/16 by 192.168.4.254 goes");
  CHECK(host.reasons({}, with_route).empty());
  CHECK(host.reasons(alone, alone + "DNS=9.9.9.9\n").empty());
}

TEST_CASE("what lies on an interface goes with it", "[reach]") {
  Host host({}, "");
  auto& network = host.network;
  network.add_interface("br0", "192.168.4.57/24");
  SECTION("a bridge that it is a port of") {
    network.add_bare_interface("eth0");
    network.make_port_of("br0");
    CHECK(host.reasons({}, networkd_file("192.168.9.2/24")) == "br0 (192.168.4.57/24) lies on it");
  }
  SECTION("a VLAN") {
    network.add_interface("eth0", "192.168.9.2/24");
    network.add_interface("eth0.10", "10.0.10.2/24");
    network.lay_on("eth0");
    CHECK(host.reasons({}, networkd_file("192.168.9.2/24")) == "eth0.10 (10.0.10.2/24) lies on it");
  }
}

TEST_CASE("an interface that gets another one's subnet takes its neighbours", "[reach]") {
  Host host({}, "");
  host.network.add_interface("wlan0", "192.168.4.57/24");
  host.network.add_bare_interface("eth0");
  CHECK(host.reasons({}, ours) ==
        "192.168.4.2/24 is in the subnet that wlan0 has (192.168.4.57/24)");
  SECTION("but not where it has been in it before") {
    host.network.add_address("192.168.4.2/24");
    CHECK(host.reasons({}, ours).empty());
  }
}

TEST_CASE("IPv6 goes by its own addresses", "[reach]") {
  SECTION("a link-local one stays") {
    Host host({"192.168.4.57/24", "fe80::1/64"}, "");
    CHECK(host.connected("fe80::2", "fe80::1").reasons({}, ours).empty());
  }
  SECTION("those of router advertisements stay beside a static one of IPv4") {
    Host host({"192.168.4.57/24", "2001:db8::57/64"}, "");
    CHECK(host.connected("2001:db8::9", "2001:db8::57").reasons({}, ours).empty());
  }
  SECTION("one that another file gave is not known to stay") {
    Host host({"192.168.4.57/24", "2001:db8::57/64"}, "");
    host.network.make_permanent("2001:db8::57");
    CHECK(host.connected("2001:db8::9", "2001:db8::57").reasons({}, ours) ==
          "the connection between 2001:db8::9 and 2001:db8::57 port 22 ends");
  }
  SECTION("NetworkManager makes those of a new connection anew") {
    Host host({"192.168.4.2/24", "fe80::1/64"}, "");
    const std::string file = "[connection]\ninterface-name=eth0\n[ipv4]\naddress1=192.168.4.2/24\n";
    const auto plan = plan_of({}, file, "network_manager:timectl-eth0");
    host.connected("192.168.4.9", "192.168.4.2");
    CHECK(reach::find_cut_offs(plan, reach::look(host.network, {})).empty());
    host.connected("fe80::2", "fe80::1");
    CHECK(reach::find_cut_offs(plan, reach::look(host.network, {})).size() == 1);
  }
  SECTION("a static one takes their place") {
    Host host({"2001:db8::57/64"}, "");
    CHECK(host.connected("2001:db8::9", "2001:db8::57")
              .reasons({}, networkd_file("2001:db8::2/64")) ==
          "the connection between 2001:db8::9 and 2001:db8::57 port 22 ends");
  }
}

TEST_CASE("what an uninstall leads back to is not known", "[reach]") {
  SECTION("the default route uses the address that goes") {
    CHECK(Host({"192.168.4.2/24"}, "192.168.4.1").reasons(ours, {}) == route);
  }
  SECTION("a connection uses it") {
    Host host({"192.168.4.2/24"}, "");
    CHECK(host.connected("192.168.4.9", "192.168.4.2").reasons(ours, {}) ==
          "the connection between 192.168.4.9 and 192.168.4.2 port 22 ends");
  }
  SECTION("no connection uses it") {
    CHECK(Host({"192.168.4.2/24"}, "").reasons(ours, {}).empty());
  }
}

TEST_CASE("a login counts that leaves no connection (mosh)", "[reach]") {
  SECTION("but not of another interface's neighbour") {
    Host host({"192.168.4.57/24"}, "192.168.4.1");
    host.network.add_interface("wlan0", "192.168.7.2/24");
    CHECK(host.logged_in_from("192.168.7.9").reasons({}, ours) == route);
  }
  SECTION("of a neighbour") {
    Host host({"192.168.4.57/24"}, "");
    CHECK(host.logged_in_from("192.168.4.9").reasons({}, ours) ==
          "the login from 192.168.4.9 ends");
  }
  SECTION("from elsewhere") {
    Host host({"192.168.1.50/24"}, "192.168.1.1");
    CHECK(host.logged_in_from("10.9.8.7").reasons({}, ours) ==
          route + "; " + elsewhere + "; the login from 10.9.8.7 ends");
  }
  SECTION("its connection is named first, and once") {
    Host host({"192.168.4.57/24"}, "");
    host.connected("192.168.4.8", "192.168.4.57").connected("192.168.4.9", "192.168.4.57");
    CHECK(host.logged_in_from("192.168.4.9").reasons({}, ours) ==
          "2 connections end, one of them between 192.168.4.9 and 192.168.4.57 port 22");
  }
}

TEST_CASE("one address in the network is enough, and IPv6 counts where there is no IPv4",
          "[reach]") {
  const auto is_elsewhere = [](const std::vector<std::string>& before, const std::string& after) {
    const auto cut_offs =
        Host(before, "")
            .connected("fd00:1::9", before.back().substr(0, before.back().find('/')))
            .connected("192.168.1.9", "192.168.1.50")
            .cut_offs({}, after);
    REQUIRE(cut_offs.size() == 1);
    return cut_offs.front().is_of_another_subnet;
  };
  CHECK(is_elsewhere({"192.168.1.50/24"}, ours));
  CHECK_FALSE(is_elsewhere({"192.168.1.50/24"}, ours + "Address=192.168.1.2/24\n"));
  CHECK_FALSE(is_elsewhere({"192.168.4.50/24", "fd00:1::50/64"}, ours + "Address=fd00:2::2/64\n"));
  CHECK(is_elsewhere({"fd00:1::50/64"}, networkd_file("fd00:2::2/64")));
}

TEST_CASE("the sentence has old and new address, gateway and host name", "[reach]") {
  const Host host({"192.168.1.50/24"}, "192.168.1.1");
  auto plan = plan_of({}, ours);
  plan.changes.emplace_back(
      plan::ReactionChange{{target::ReactionKind::set_host_name, "pi-ntp"}, "it changes"});
  const auto cut_offs = reach::find_cut_offs(plan, reach::look(host.network, {}));
  REQUIRE(cut_offs.size() == 1);
  CHECK(reach::sentence(cut_offs[0]) ==
        "eth0 changes from 192.168.1.50/24 (gateway 192.168.1.1) to 192.168.4.2/24 (gateway "
        "192.168.4.1), the host's name changes from 'raspberrypi' to 'pi-ntp': " +
            route + ", " + elsewhere);
  CHECK(reach::new_address(cut_offs) == "192.168.4.2");
}

TEST_CASE("the sentence says where the new address is not known", "[reach]") {
  const auto cut_offs = Host({"192.168.4.2/24"}, "192.168.4.1").cut_offs(ours, {});
  REQUIRE(cut_offs.size() == 1);
  CHECK(reach::sentence(cut_offs[0]) ==
        "eth0 changes from 192.168.4.2/24 (gateway 192.168.4.1) to what it was given before "
        "timectl, which is not known, the host's name stays 'raspberrypi': " +
            route);
  CHECK(reach::new_address(cut_offs).empty());
}

TEST_CASE("a host name alone is no reason", "[reach]") {
  Host host({"192.168.1.50/24"}, "192.168.1.1");
  host.connected("192.168.1.7", "192.168.1.50");
  plan::Plan plan;
  plan.changes.emplace_back(
      plan::ReactionChange{{target::ReactionKind::set_host_name, "pi-ntp"}, "it changes"});
  CHECK(reach::find_cut_offs(plan, reach::look(host.network, {})).empty());
}

TEST_CASE("other interfaces than that of the change lose nothing", "[reach]") {
  test::FakeNetwork network{"raspberrypi"};
  network.add_interface("wlan0", "192.168.1.50/24");
  network.set_gateway("192.168.1.1");
  network.connect("192.168.1.7", "192.168.1.50");
  CHECK(reach::find_cut_offs(plan_of({}, ours), reach::look(network, {})).empty());
  network.add_interface("eth0", "192.168.4.57/24");
  CHECK(reach::find_cut_offs(plan_of({}, ours), reach::look(network, {})).empty());
}

TEST_CASE("a second gateway takes the way of those who come by the first", "[reach]") {
  test::FakeNetwork network{"raspberrypi"};
  network.add_interface("wlan0", "192.168.1.50/24");
  network.add_interface("eth0", "192.168.4.2/24");
  network.set_gateway("192.168.1.1");
  network.connect("192.168.1.7", "192.168.1.50");
  CHECK(reach::find_cut_offs(plan_of({}, ours), reach::look(network, {})).empty());
  network.connect("10.9.8.7", "192.168.1.50");
  const auto cut_offs = reach::find_cut_offs(plan_of({}, ours), reach::look(network, {}));
  REQUIRE(cut_offs.size() == 1);
  CHECK(cut_offs[0].reasons ==
        std::vector<std::string>{"the connection between 10.9.8.7 and 192.168.1.50 port 22 ends"});
}

TEST_CASE("a connection that names no interface is the default route's", "[reach]") {
  const std::string wifi = "[connection]\nid=home\ntype=wifi\n[ipv4]\nmethod=";
  const auto plan =
      plan_of(wifi + "auto\n", wifi + "manual\naddress1=192.168.4.2/24\n", "network_manager:home");
  CHECK(reach::is_about_network(plan));
  test::FakeNetwork network{"raspberrypi"};
  network.add_interface("wlan0", "192.168.1.50/24");
  network.set_gateway("192.168.1.1");
  const auto cut_offs = reach::find_cut_offs(plan, reach::look(network, {}));
  REQUIRE(cut_offs.size() == 1);
  CHECK(cut_offs[0].interface == "wlan0");
}

TEST_CASE("a Wi-Fi connection of the user's is about its interface, whatever else it has",
          "[reach]") {
  const auto text = [](const std::string& ipv4) {
    return "[ipv4]\nmethod=" + ipv4 +
           "\n[match]\ninterface-name=wl*;\n[wifi]\nssid=192.168.1.9/24\n"
           "[wifi-security]\npsk=10.9.8.7/24\n";
  };
  const auto plan = plan_of(text("auto"), text("manual\naddress1=192.168.4.2/24,192.168.4.1"),
                            "network_manager:6d5f2f6e@wlan0");
  test::FakeNetwork network{"raspberrypi"};
  network.add_interface("eth0", "192.168.9.50/24");
  network.set_gateway("192.168.9.1");
  network.add_interface("wlan0", "192.168.1.50/24");
  network.connect("192.168.1.7", "192.168.1.50");
  const auto cut_offs = reach::find_cut_offs(plan, reach::look(network, {}));
  REQUIRE(cut_offs.size() == 1);
  CHECK(cut_offs[0].interface == "wlan0");
  CHECK(cut_offs[0].after == std::vector<Subnet>{*Subnet::parse("192.168.4.2/24")});
  CHECK(cut_offs[0].gateway_after == IpAddress::parse("192.168.4.1"));
}

TEST_CASE("another login does not make it another change", "[reach]") {
  Host host({"192.168.1.50/24"}, "192.168.1.1");
  const auto shown = host.cut_offs({}, ours);
  const auto now = host.connected("192.168.1.7", "192.168.1.50").cut_offs({}, ours);
  REQUIRE(shown.size() == 1);
  REQUIRE(now.size() == 1);
  CHECK(shown[0].is_same_change(now[0]));
  CHECK(shown[0].reasons != now[0].reasons);
}

namespace {

plan::Plan plan_of_command_line(const std::string& before, const std::string& after) {
  auto plan = plan_of(before, after);
  plan.changes.pop_back();
  auto& file = std::get<plan::FileChange>(plan.changes.front());
  file.path = system::RootedPath{"/boot/firmware/cmdline.txt"};
  file.reactions.clear();
  return plan;
}

std::vector<reach::CutOff> cut_offs_of(const plan::Plan& plan) {
  const Host host{{"192.168.4.2/24"}, "192.168.4.1"};
  return reach::find_cut_offs(plan, reach::look(host.network, std::nullopt));
}

}  // namespace

TEST_CASE("a console that the kernel's command line loses cuts off", "[reach]") {
  const auto plan =
      plan_of_command_line("console=serial0,115200 console=tty1 x", "      console=tty1 x");
  REQUIRE(reach::is_about_network(plan));
  const auto found = cut_offs_of(plan);
  REQUIRE(found.size() == 1);
  CHECK(found[0].is_console);
  CHECK(reach::sentence(found[0]) ==
        "the serial console is taken away: 'console=serial0,115200' leaves "
        "/boot/firmware/cmdline.txt at the next boot");
  CHECK(reach::remedy(found, {}).find("log in by the network and run 'timectl confirm'") !=
        std::string::npos);
}

TEST_CASE("a console that stays or comes back cuts nothing off", "[reach]") {
  CHECK(cut_offs_of(plan_of_command_line("console=tty1 a", "console=tty1 b")).empty());
  CHECK(cut_offs_of(plan_of_command_line("console=tty1", "console=serial0,115200 console=tty1"))
            .empty());
}

TEST_CASE("a login at a serial port that is stopped cuts off", "[reach]") {
  plan::Plan plan;
  plan.changes = {plan::UnitChange{"serial-getty@ttyS0.service", plan::UnitAction::disable, ""}};
  CHECK(cut_offs_of(plan).empty());
  plan.changes.emplace_back(
      plan::UnitChange{"serial-getty@ttyS0.service", plan::UnitAction::stop, ""});
  REQUIRE(cut_offs_of(plan).size() == 1);
  CHECK(cut_offs_of(plan)[0].reasons.front() ==
        "the login of serial-getty@ttyS0.service is stopped");
}
