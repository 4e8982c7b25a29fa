// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/address.hpp"
#include "plan/plan.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// What the files of network back ends give interfaces: not the profile but the text, because that
/// is what will be in force, with a site's own template and for a file that was there before
/// timectl as well.
namespace timectl::reach {

/// What files say of one interface.
struct Configured {
  std::vector<Subnet> addresses;
  std::optional<IpAddress> gateway;  ///< of the default route
  std::vector<Subnet> networks;      ///< that routes lead to

  bool gives(const IpAddress& address) const;
  bool gives(IpAddress::Family family) const;

  bool operator==(const Configured&) const = default;
};

/// By interface; "" where the text names none (a connection for any).
using ConfiguredBy = std::map<std::string, Configured>;

/// Adds what `text` says to `all`. `key` is the word before an interface's name in such a file
/// (platform/network_backends.hpp), "" where the whole text is about `interface`.
void add_configured(ConfiguredBy& all, std::string_view text, std::string_view key,
                    const std::string& interface);

/// What the files that a plan changes say before and after that, of each interface that the change
/// is about.
struct ConfiguredChange {
  ConfiguredBy before;
  ConfiguredBy after;
  std::set<std::string> interfaces;
  /// Those that get another connection of NetworkManager's, or lose it.
  std::set<std::string> reconnected;
};
ConfiguredChange configured_by(const plan::Plan& plan);

}  // namespace timectl::reach
