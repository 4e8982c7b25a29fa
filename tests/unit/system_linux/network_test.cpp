// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "scratch.hpp"
#include "support/catch.hpp"
#include "system/linux/linux.hpp"
#include "system/linux/network_sockets.hpp"

#include <algorithm>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace timectl;
using namespace timectl::system;

TEST_CASE("the loopback interface is there with its address", "[network]") {
  const auto interfaces = os::make_network()->interfaces();
  const auto lo = std::find_if(interfaces.begin(), interfaces.end(),
                               [](const Interface& each) { return each.is_loopback; });
  REQUIRE(lo != interfaces.end());
  CHECK(lo->name == "lo");
  CHECK(lo->mac.empty());
  CHECK_FALSE(lo->is_wireless);
  const auto home = Subnet::parse("127.0.0.1/8");
  CHECK(std::count(lo->addresses.begin(), lo->addresses.end(), *home) == 1);
}

TEST_CASE("the default route leaves by an interface that exists", "[network]") {
  const auto network = os::make_network();
  const auto name = network->default_route_interface();
  const auto interfaces = network->interfaces();
  CHECK((name || !network->default_gateway()));
  if (!name) return;  // a machine without a route has nothing to say
  CHECK(std::any_of(interfaces.begin(), interfaces.end(),
                    [&](const Interface& each) { return each.name == *name; }));
}

TEST_CASE("a route that is told has a gateway, or is a default one", "[network]") {
  for (const auto& route : os::make_network()->routes()) {
    CHECK((route.gateway || route.destination.prefix_length == 0));
    CHECK_FALSE(route.interface.empty());
  }
}

TEST_CASE("a host in the neighbour table has an address, a MAC and an interface", "[network]") {
  for (const auto& neighbour : os::make_network()->neighbours()) {
    CHECK(neighbour.mac.size() == 17);
    CHECK_FALSE(neighbour.interface.empty());
    CHECK(neighbour.address != IpAddress{});
  }
}

TEST_CASE("a bound UDP socket is found with its program", "[network]") {
  const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in home{};
  home.sin_family = AF_INET;
  home.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof home;
  REQUIRE(::bind(socket, reinterpret_cast<sockaddr*>(&home), size) == 0);
  REQUIRE(::getsockname(socket, reinterpret_cast<sockaddr*>(&home), &size) == 0);
  const auto listeners = os::make_network()->udp_listeners(ntohs(home.sin_port));
  ::close(socket);
  // Another program may hold the same port of another address.
  const auto ours = std::find_if(listeners.begin(), listeners.end(), [](const auto& each) {
    return each.pid == static_cast<std::uint32_t>(::getpid());
  });
  REQUIRE(ours != listeners.end());
  CHECK(ours->address == IpAddress::parse("127.0.0.1"));
  CHECK(ours->program == std::string{program_invocation_short_name}.substr(0, 15));
}

TEST_CASE("a socket that the kernel's table tells twice is one listener", "[network]") {
  const std::string line =
      "  123: 0100007F:007B 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 "
      "4711 2 0000000000000000 0\n";
  const test::Scratch proc;
  proc.put("self/net/udp", line + line);
  proc.put("self/net/udp6", "");
  CHECK(os::listeners_on(123, proc.path()).size() == 1);
}

TEST_CASE("no process listens on a port that was just given back", "[network]") {
  CHECK(os::make_network()->udp_listeners(1).empty());
}

TEST_CASE("the tables of UDP sockets are read in both families", "[network]") {
  const auto sockets = os::parse_udp_sockets(
      "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
      "inode ref pointer drops\n"
      "  123: 0204A8C0:007B 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 "
      "4711 2 0000000000000000 0\n"
      "  124: 00000000000000000000000001000000:0143 00000000000000000000000000000000:0000 07 "
      "00000000:00000000 00:00000000 00000000   0   0 4712 2 0000000000000000 0\n"
      "garbage\n");
  REQUIRE(sockets.size() == 2);
  CHECK(sockets[0].address.text() == "192.168.4.2");
  CHECK(sockets[0].port == 123);
  CHECK(sockets[0].inode == 4711);
  CHECK(sockets[1].address.text() == "::1");
  CHECK(sockets[1].port == 323);
}

TEST_CASE("the host's name is not empty", "[network]") {
  CHECK_FALSE(os::make_network()->host_name().empty());
}

TEST_CASE("established connections of both families are read, without the host's own",
          "[network]") {
  const auto found = os::parse_connections(
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
      "inode\n"
      "   0: 0204A8C0:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1 1 0 100\n"
      "   1: 0204A8C0:0016 0904A8C0:C350 01 00000000:00000000 00:00000000 00000000 0 0 2 1 0 20\n"
      "   2: 0204A8C0:0016 0804A8C0:C350 06 00000000:00000000 00:00000000 00000000 0 0 3 1 0 20\n"
      "   3: 0100007F:0016 0100007F:C350 01 00000000:00000000 00:00000000 00000000 0 0 4 1 0 20\n"
      "   4: 0000000000000000FFFF00000204A8C0:0016 0000000000000000FFFF00000704A8C0:C350 01 "
      "00000000:00000000 00:00000000 00000000 0 0 5 1 0 20\n"
      "garbage\n");
  REQUIRE(found.size() == 2);
  CHECK(found[0].local.text() == "192.168.4.2");
  CHECK(found[0].port == 22);
  CHECK(found[0].peer.text() == "192.168.4.9");
  CHECK(found[1].local.text() == "192.168.4.2");
  CHECK(found[1].peer.text() == "192.168.4.7");
}
