// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Internal to profile: keys that say in which networks a site and its hosts are. A site and a host
// have two ways to say it: one network without a name, or named ones.
#pragma once

#include "profile/keys.hpp"
#include "profile/profile.hpp"

namespace timectl::profile {

/// More than that are not a small site.
constexpr std::size_t most_networks = 16;

/// The only network, without a name.
struct NetworkAccess {
  static void read(const Spot& spot, Profile& profile);
  static std::optional<Value> write(const Profile& profile);
  static Shape shape();
};

struct NetworksAccess {
  static void read(const Spot& spot, Profile& profile);
  static std::optional<Value> write(const Profile& profile);
  static Shape shape();
};

/// The address in a network without a name, made when it is not there yet.
SiteAddress& only_address(Host& host);
/// nullptr: the host's addresses are in named networks. A host that has none yet has the defaults.
const SiteAddress* only_address(const Host& host);

/// Of a key of that address, which stands among the host's own. `Inner` is the same of an address.
template <typename Inner>
struct OnlyAddress {
  static void read(const Spot& spot, Host& host) {
    // null takes away what an extended profile gave.
    if (spot.value.kind != Value::Kind::null) Inner::read(spot, only_address(host));
  }
  static std::optional<Value> write(const Host& host) {
    const auto* address = only_address(host);
    return address != nullptr ? Inner::write(*address) : std::nullopt;
  }
  static Shape shape() { return {Form::value, or_null(Inner::shape().rule), {}}; }
};

template <auto member, typename Kind>
constexpr auto only_holds = access_by<OnlyAddress<ValueAccess<member, Kind>>, Host>;
template <auto member, typename Kind>
constexpr auto only_may_hold = access_by<OnlyAddress<OptionalAccess<member, Kind>>, Host>;

/// An address for each network, as text or as an object.
struct AddressesAccess {
  static void read(const Spot& spot, Host& host);
  static std::optional<Value> write(const Host& host);
  static Shape shape();
};

}  // namespace timectl::profile
