// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <string>
#include <vector>

namespace timectl::profile {

/// What the manual says of a key: sentences, each on a line. `this` is bold, *this* italic.
struct ManualEntry {
  std::string key;
  std::string text;
};

/// A kind of object and its keys.
struct ManualSection {
  std::string title;
  std::string intro;  ///< may be empty
  std::vector<ManualEntry> keys;
};

/// The keys of timectl-profile(5), in its order.
std::vector<ManualSection> manual_of_keys();

}  // namespace timectl::profile
