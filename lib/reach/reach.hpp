// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "plan/plan.hpp"
#include "system/network.hpp"

#include <optional>
#include <string>
#include <vector>

/// Whether a plan takes away what the host is reached by: its local addresses, its default route,
/// its subnet.
namespace timectl::reach {

/// By what the host is reached now.
struct Situation {
  std::vector<system::Interface> interfaces;
  std::optional<std::string> default_interface;
  std::optional<IpAddress> gateway;
  std::vector<system::Route> routes;
  std::vector<system::Connection> connections;
  std::optional<IpAddress> login;  ///< where the user who gives the order has logged in from
  std::string host_name;
};

Situation look(const system::Network& network, const std::optional<IpAddress>& login);

/// An interface by which the host might not be reached any more as it is now.
struct CutOff {
  std::string interface;
  std::vector<Subnet> before = {};  ///< that it has
  std::vector<Subnet> after = {};   ///< empty: not known, what was there before timectl decides
  std::optional<IpAddress> gateway_before = {};
  std::optional<IpAddress> gateway_after = {};
  std::string host_name_before = {};
  std::string host_name_after = {};
  bool is_console = false;                ///< no interface: a login by a serial port ends
  bool is_of_another_subnet = false;      ///< no address to come fits the subnet that it has
  std::vector<std::string> reasons = {};  ///< half a sentence each, at least one

  /// All that is shown and does not change from one moment to the next.
  bool is_same_change(const CutOff& other) const;
};

/// Whether the plan changes what gives interfaces their addresses, or takes away a console: no
/// other needs a look.
bool is_about_network(const plan::Plan& plan);

/// Pure. An interface that keeps its addresses and routes is none of them, nor is one that has no
/// address yet and comes in no other's way.
std::vector<CutOff> find_cut_offs(const plan::Plan& plan, const Situation& now);

}  // namespace timectl::reach
