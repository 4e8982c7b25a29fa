// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Internal to profile: what every key means.
#pragma once

#include "profile/profile.hpp"
#include "profile/spot.hpp"

#include <string>
#include <vector>

namespace timectl::profile {

/// Reads a whole document. What could not be read is among the mistakes and has its default.
Profile decode(const Spot& document);

/// The keys of one kind of object, for the tests that compare them with the schema and the man
/// page.
struct ObjectKeys {
  std::string object;  ///< as a pointer, with '*' for the name of a host
  std::vector<std::string> keys;
  std::vector<std::string> required;

  bool operator==(const ObjectKeys&) const = default;
};
std::vector<ObjectKeys> object_keys();

}  // namespace timectl::profile
