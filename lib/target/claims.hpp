// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "target/target.hpp"

#include <string>
#include <vector>

/// What a host has only once, and who uses it. Features claim what they use, and what is found on
/// the machine is claimed for its owner; one rule compares them, so that no feature has to know
/// another one.
namespace timectl::target {

enum class ClaimKind {
  clock,              ///< who disciplines it; object "system"
  udp_port,           ///< "123"
  i2c_address,        ///< "1:0x68": the bus and the address on it
  interface_address,  ///< "eth0": who gives it its address
  gpio_pin,           ///< "18": a pin of a Raspberry Pi's header, by its BCM number
};

struct Claim {
  ClaimKind kind = ClaimKind::clock;
  std::string object;
  std::string owner;      ///< a program, a chip, …; two claims of one owner are one
  bool exclusive = true;  ///< false: it can be shared with any other owner
  std::string where;      ///< what says so: a path, with its line where there is one
};

/// "UDP port 123", "I2C address 1:0x68".
std::string describe(const Claim& claim);

/// A conflict for each two owners that claim one object exclusively, in the order of the claims. It
/// names both with their places.
std::vector<Conflict> conflicts_of(const std::vector<Claim>& claims);

}  // namespace timectl::target
