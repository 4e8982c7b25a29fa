// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/address.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace timectl::system {

struct Interface {
  std::string name;
  std::string mac = {};                ///< "" when it has none
  std::vector<Subnet> addresses = {};  ///< with the host bits: 192.168.4.2/24
  /// Those of them that never expire: neither a lease nor a router's advertisement gave them.
  std::vector<IpAddress> permanent = {};
  bool is_up = false;
  bool has_carrier = false;  ///< a cable that is connected, or a Wi-Fi network
  bool is_wireless = false;
  bool is_loopback = false;
  std::string master = {};  ///< the bridge or bond that it is a port of; "" without one
  std::string lower = {};  ///< the interface that a VLAN, macvlan or tunnel lies on; "" without one
};

/// A route of the main table to other hosts through a router or, as the default one, without.
struct Route {
  Subnet destination;  ///< 0.0.0.0/0 and ::/0 are default routes
  std::optional<IpAddress> gateway = {};
  std::string interface = {};
  std::optional<IpAddress> source = {};  ///< the local address that it prefers
  std::uint32_t metric = 0;
};

/// A bound UDP socket.
struct UdpListener {
  IpAddress address;
  std::uint16_t port = 0;
  std::string program;  ///< "" when the owner cannot be seen without privileges
  std::uint32_t pid = 0;
};

/// An established TCP connection with another host.
struct Connection {
  IpAddress local;
  std::uint16_t port = 0;  ///< this host's
  IpAddress peer;

  auto operator<=>(const Connection&) const = default;
};

/// Who was last heard at an address of a network that this host is on.
struct Neighbour {
  IpAddress address;
  std::string mac;
  std::string interface;
};

/// The host's network as the kernel has it now.
class Network {
 public:
  virtual ~Network() = default;

  virtual std::vector<Interface> interfaces() const = 0;
  /// The interface that the best IPv4 default route leaves by.
  virtual std::optional<std::string> default_route_interface() const = 0;
  /// The IPv4 router of that route; nullopt when there is none, or it needs none.
  virtual std::optional<IpAddress> default_gateway() const = 0;
  /// Those that have a gateway, and default ones; not those of router advertisements, which a
  /// router repeats.
  virtual std::vector<Route> routes() const = 0;
  /// The kernel's neighbour table (ip-neighbour(8)), without those that did not answer.
  virtual std::vector<Neighbour> neighbours() const = 0;
  virtual std::vector<UdpListener> udp_listeners(std::uint16_t port) const = 0;
  /// Those of all programs, without the ones that this host has with itself.
  virtual std::vector<Connection> connections() const = 0;
  virtual std::string host_name() const = 0;
};

}  // namespace timectl::system
