// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "target/claims.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::target {

namespace {

bool exclude_each_other(const Claim& a, const Claim& b) {
  return a.exclusive && b.exclusive && a.kind == b.kind && a.object == b.object &&
         a.owner != b.owner;
}

Conflict conflict_of(const Claim& first, const Claim& second) {
  return {
      fmt::format("{} can have one owner only, and both {} ({}) and {} ({}) use it",
                  describe(first), first.owner, first.where, second.owner, second.where),
      fmt::format("take {} out of {}, or {} out of {}; what timectl writes itself goes when its "
                  "key in the profile does",
                  first.owner, first.where, second.owner, second.where)};
}

}  // namespace

std::string describe(const Claim& claim) {
  switch (claim.kind) {
    case ClaimKind::clock:
      return "the system clock";
    case ClaimKind::udp_port:
      return "UDP port " + claim.object;
    case ClaimKind::i2c_address:
      return "I2C address " + claim.object;
    case ClaimKind::interface_address:
      return "the address of " + claim.object;
    case ClaimKind::gpio_pin:
      return "GPIO " + claim.object;
  }
  return claim.object;
}

std::vector<Conflict> conflicts_of(const std::vector<Claim>& claims) {
  std::vector<Conflict> conflicts;
  for (auto second = claims.begin(); second != claims.end(); ++second) {
    const auto first = std::find_if(claims.begin(), second, [&](const Claim& earlier) {
      return exclude_each_other(earlier, *second);
    });
    const bool is_repeated = std::any_of(claims.begin(), second, [&](const Claim& earlier) {
      return earlier.kind == second->kind && earlier.object == second->object &&
             earlier.owner == second->owner && earlier.exclusive;
    });
    if (first != second && !is_repeated) conflicts.push_back(conflict_of(*first, *second));
  }
  return conflicts;
}

}  // namespace timectl::target
