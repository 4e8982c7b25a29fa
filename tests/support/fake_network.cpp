// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "support/fake_network.hpp"

namespace timectl::test {

void FakeNetwork::add_interface(const std::string& name, const std::string& address) {
  add_bare_interface(name);
  add_address(address);
}

void FakeNetwork::add_bare_interface(const std::string& name) {
  system::Interface interface;
  interface.name = name;
  interface.is_up = true;
  interface.has_carrier = true;
  interface.is_wireless = name.starts_with("wl");
  interface.is_loopback = name == "lo";
  if (!interface.is_loopback) interface.mac = "b8:27:eb:12:34:56";
  interfaces_.push_back(interface);
}

void FakeNetwork::add_address(const std::string& address) {
  interfaces_.back().addresses.push_back(Subnet::parse(address).value());
}

void FakeNetwork::make_permanent(const std::string& address) {
  interfaces_.back().permanent.push_back(IpAddress::parse(address).value());
}

void FakeNetwork::listen(const std::string& address, std::uint16_t port, const std::string& program,
                         std::uint32_t pid) {
  listeners_.push_back({IpAddress::parse(address).value(), port, program, pid});
}

void FakeNetwork::put_neighbour(const std::string& address, const std::string& mac) {
  neighbours_.push_back({IpAddress::parse(address).value(), mac, "eth0"});
}

void FakeNetwork::connect(const std::string& peer, const std::string& local, std::uint16_t port) {
  connections_.push_back({IpAddress::parse(local).value(), port, IpAddress::parse(peer).value()});
}

std::optional<std::string> FakeNetwork::default_route_interface() const {
  if (!has_default_route_) return std::nullopt;
  for (const auto& interface : interfaces_) {
    if (!interface.is_loopback) return interface.name;
  }
  return std::nullopt;
}

std::vector<system::UdpListener> FakeNetwork::udp_listeners(std::uint16_t port) const {
  std::vector<system::UdpListener> found;
  for (const auto& listener : listeners_) {
    if (listener.port == port) found.push_back(listener);
  }
  return found;
}

}  // namespace timectl::test
