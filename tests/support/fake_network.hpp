// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/network.hpp"

#include <string>
#include <vector>

namespace timectl::test {

/// A host's interfaces and bound sockets.
class FakeNetwork : public system::Network {
 public:
  explicit FakeNetwork(std::string host_name = "pi-ntp") : host_name_(std::move(host_name)) {}

  /// The first one added carries the default route. `address` as "192.168.4.2/24".
  void add_interface(const std::string& name, const std::string& address);
  void add_bare_interface(const std::string& name);
  /// The interface added last has one more.
  void add_address(const std::string& address);
  void make_permanent(const std::string& address);
  void lose_default_route() { has_default_route_ = false; }
  /// The interface added last has no cable at its other end.
  void cut_cable() { interfaces_.back().has_carrier = false; }
  /// `program` "" is a socket whose owner cannot be seen.
  void listen(const std::string& address, std::uint16_t port, const std::string& program,
              std::uint32_t pid = 100);

  /// Heard on eth0.
  void put_neighbour(const std::string& address, const std::string& mac);
  void set_gateway(const std::string& address) { gateway_ = IpAddress::parse(address); }
  /// `peer` is connected to a port of this host.
  void connect(const std::string& peer, const std::string& local, std::uint16_t port = 22);
  void add_route(const system::Route& route) { routes_.push_back(route); }
  /// The interface added last is a port of a bridge, or lies on another one.
  void make_port_of(const std::string& bridge) { interfaces_.back().master = bridge; }
  void lay_on(const std::string& lower) { interfaces_.back().lower = lower; }
  void forget_neighbours() { neighbours_.clear(); }

  std::optional<IpAddress> default_gateway() const override { return gateway_; }
  std::vector<system::Neighbour> neighbours() const override { return neighbours_; }
  std::vector<system::Interface> interfaces() const override { return interfaces_; }
  std::optional<std::string> default_route_interface() const override;
  std::vector<system::UdpListener> udp_listeners(std::uint16_t port) const override;
  std::vector<system::Route> routes() const override { return routes_; }
  std::vector<system::Connection> connections() const override { return connections_; }
  std::string host_name() const override { return host_name_; }

 private:
  std::string host_name_;
  std::vector<system::Interface> interfaces_;
  std::vector<system::UdpListener> listeners_;
  std::vector<system::Neighbour> neighbours_;
  std::vector<system::Connection> connections_;
  std::vector<system::Route> routes_;
  std::optional<IpAddress> gateway_;
  bool has_default_route_ = true;
};

}  // namespace timectl::test
