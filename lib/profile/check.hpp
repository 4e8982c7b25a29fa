// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Internal to profile: whether values that are right one by one make a site that works.
#pragma once

#include "profile/mistakes.hpp"
#include "profile/profile.hpp"
#include "profile/tree.hpp"

#include <string>
#include <string_view>

namespace timectl::profile {

/// A decoded profile, the document it came from, and where to say what is wrong.
class Site {
 public:
  Site(const Profile& profile, const Value& document, Mistakes& mistakes);

  const Profile& profile() const { return profile_; }
  /// Whether the document has a value at `path` ("network/gateway") and it was read without a
  /// mistake: a check of a default would only repeat one.
  bool knows(std::string_view path) const;
  bool knows(const Host& host, std::string_view key) const;
  /// Whether the document has an empty list there.
  bool has_empty_list(const Host& host, std::string_view path) const;
  /// Says what is wrong at `path`, or at what is there of it when a preset gave the rest.
  void reject(std::string_view path, std::string_view what) const;
  void reject(const Host& host, std::string_view path, std::string_view what) const;

  /// Where the key of a host's address stands, below the host: "address", "addresses/lan/mac", or
  /// "addresses/lan" where that is the address itself.
  std::string place_of(const Host& host, const SiteAddress& address, std::string_view key) const;
  /// The same of a network: "network/subnet", "networks/lan/subnet".
  static std::string place_of(const SiteNetwork& network, std::string_view key);

 private:
  const Profile& profile_;
  const Value& document_;
  Mistakes& mistakes_;
  Mistakes earlier_;  ///< those of the decoder
};

/// What is wrong with an address that may be elsewhere too; empty when nothing is.
std::string no_host_of(const Subnet& subnet, const IpAddress& address);

/// All checks of networks and of addresses in them, of single hosts, of power saving, and of hosts
/// with each other.
void check_networks(const Site& site);
void check_hosts(const Site& site);
void check_power(const Site& site);
void check_together(const Site& site);

}  // namespace timectl::profile
