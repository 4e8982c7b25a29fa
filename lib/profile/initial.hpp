// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/address.hpp"
#include "profile/profile.hpp"

#include <map>
#include <optional>
#include <string>

namespace timectl::profile {

/// What a first profile is made from: one host, and the server that it follows if it serves not
/// itself.
struct Beginning {
  bool serves = false;
  std::string host;
  Subnet address;  ///< of the host, with the length of its subnet
  std::optional<IpAddress> gateway;
  std::string interface;  ///< the one with the default route, which is what a profile assumes
  /// The profile names it: nothing can be seen of the links yet.
  bool names_interface = false;
  // of a server
  std::optional<RtcFeature> rtc;
  Addressing addressing = Addressing::static_address;  ///< static_address or none
  // of a client
  std::string server;
  IpAddress server_address;
  ClientDaemon daemon = ClientDaemon::timesyncd;
  bool has_dhcp = false;
  std::optional<std::string> controller;  ///< its unit
};

/// What the interview asks for each key that it asks for, by pointer: "/hosts/*/client/daemon".
/// {chip} in the one for the RTC is the maker's name of the chip that was found.
std::map<std::string, std::string> questions();

/// The text of a commented profile for it, which parse_profile() accepts unless the answers
/// contradict each other (two hosts of one name or address, one outside of the subnet).
std::string initial_profile(const Beginning& beginning);

}  // namespace timectl::profile
