// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "reach/reach.hpp"

#include "base/address_kind.hpp"
#include "reach/configured.hpp"
#include "reach/console.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

namespace timectl::reach {

using Family = IpAddress::Family;
using system::Connection;
using system::Interface;

namespace {

std::string host_name_after(const plan::Plan& plan, const std::string& now) {
  for (const auto& change : plan.changes) {
    const auto* const step = std::get_if<plan::ReactionChange>(&change);
    const bool renames =
        step != nullptr && step->reaction.kind == target::ReactionKind::set_host_name;
    if (renames) return step->reaction.subject;
  }
  return now;
}

bool is_link_local(const IpAddress& address) { return kind_of(address) == AddressKind::link_local; }

/// What becomes of one interface.
class Change {
 public:
  Change(const Interface& interface, const ConfiguredChange& all, const Situation& now)
      : interface_(interface),
        now_(now),
        before_(configured(all.before)),
        after_(configured(all.after)),
        is_reconnected_(all.reconnected.count(interface.name) != 0) {}

  std::vector<std::string> reasons() const {
    std::vector<std::string> reasons;
    add_lost_default_route(reasons);
    if (const auto strange = address_that_does_not_fit()) {
      reasons.push_back(
          fmt::format("{} does not fit the subnet that {} has", strange->text(), interface_.name));
    }
    if (before_ != after_) {
      add_narrower_subnets(reasons);
      add_lost_routes(reasons);
      add_interfaces_on_this(reasons);
      add_shared_subnets(reasons);
    }
    add_lost_connections(reasons);
    return reasons;
  }

  const Configured& after() const { return after_; }
  std::vector<Subnet> addresses_now() const {
    std::vector<Subnet> addresses;
    for (const auto& each : interface_.addresses) {
      if (!is_link_local(each.address)) addresses.push_back(each);
    }
    return addresses;
  }
  bool is_default() const { return now_.default_interface == interface_.name; }

  /// nullopt where one of the addresses to come fits, or there is nothing that it could fit.
  std::optional<Subnet> address_that_does_not_fit() const {
    const auto family = all_of(Family::v4).empty() ? Family::v6 : Family::v4;
    const auto present = all_of(family);
    std::optional<Subnet> strange;
    for (const auto& wanted : after_.addresses) {
      if (wanted.address.family() != family || present.empty()) continue;
      const bool fits = std::any_of(present.begin(), present.end(), [&](const Subnet& each) {
        return each.contains(wanted.address);
      });
      if (fits) return std::nullopt;
      if (!strange) strange = wanted;
    }
    return strange;
  }

 private:
  /// A connection that names no interface is taken for that of the default route.
  Configured configured(const ConfiguredBy& all) const {
    auto found = all.find(interface_.name);
    if (found == all.end() && is_default()) found = all.find("");
    return found == all.end() ? Configured{} : found->second;
  }

  /// IPv6's own addresses, by router advertisements, stay when a file says nothing of IPv6, but
  /// NetworkManager makes those of each connection anew (nm-settings-nmcli(5), addr-gen-mode). That
  /// an IPv4 address comes back that no file names (a lease) cannot be known, nor that an IPv6 one
  /// stays that some other file gave.
  bool stays(const IpAddress& address) const {
    if (after_.gives(address)) return true;
    if (address.family() == Family::v4 || is_reconnected_) return false;
    return is_link_local(address) || (!after_.gives(Family::v6) && !is_permanent(address));
  }

  bool is_permanent(const IpAddress& address) const {
    const auto& permanent = interface_.permanent;
    return before_.gives(address) ||
           std::find(permanent.begin(), permanent.end(), address) != permanent.end();
  }

  static bool has(const Interface& interface, const IpAddress& address) {
    return std::any_of(interface.addresses.begin(), interface.addresses.end(),
                       [&](const Subnet& each) { return each.address == address; });
  }

  bool loses_all(const std::vector<Subnet>& addresses) const {
    return !addresses.empty() &&
           std::none_of(addresses.begin(), addresses.end(),
                        [&](const Subnet& each) { return stays(each.address); });
  }

  /// Those that a packet to `peer` may come from.
  std::vector<Subnet> addresses_towards(const IpAddress& peer) const {
    std::vector<Subnet> near;
    for (const auto& each : interface_.addresses) {
      if (each.contains(peer)) near.push_back(each);
    }
    return near;
  }

  std::vector<Subnet> all_of(Family family) const {
    std::vector<Subnet> some;
    for (const auto& each : interface_.addresses) {
      const bool counts = each.address.family() == family && !is_link_local(each.address);
      if (counts) some.push_back(each);
    }
    return some;
  }

  /// The one that the default route's packets come from: what the route says, else the first one of
  /// the gateway's subnet.
  std::vector<Subnet> addresses_to_gateway() const {
    auto near = now_.gateway ? addresses_towards(*now_.gateway) : std::vector<Subnet>{};
    if (near.empty()) near = all_of(Family::v4);
    const auto first = std::find_if(near.begin(), near.end(), [&](const Subnet& each) {
      return default_source() == each.address;
    });
    if (!near.empty()) near = {first == near.end() ? near.front() : *first};
    return near;
  }

  std::optional<IpAddress> default_source() const {
    for (const auto& route : now_.routes) {
      const bool is_it = route.destination == Subnet{} && route.interface == interface_.name;
      if (is_it && route.gateway == now_.gateway) return route.source;
    }
    return std::nullopt;
  }

  void add_lost_default_route(std::vector<std::string>& reasons) const {
    if (!is_default()) return;
    if (loses_all(addresses_to_gateway())) {
      reasons.emplace_back("the default route loses its local address");
    } else if (before_ != after_ && after_.gives(Family::v4) && after_.gateway != now_.gateway) {
      const auto text = [](const std::optional<IpAddress>& gateway) {
        return gateway ? gateway->text() : "none";
      };
      reasons.push_back(fmt::format("the default gateway changes from {} to {}", text(now_.gateway),
                                    text(after_.gateway)));
    }
  }

  /// Those who are left out were neighbours, and are answered through a gateway then, or not.
  void add_narrower_subnets(std::vector<std::string>& reasons) const {
    for (const auto& now : interface_.addresses) {
      for (const auto& wanted : after_.addresses) {
        const bool is_narrower =
            wanted.address == now.address && wanted.prefix_length > now.prefix_length;
        if (!is_narrower) continue;
        reasons.push_back(fmt::format("{} becomes {}, which leaves out hosts of its subnet",
                                      now.text(), wanted.text()));
      }
    }
  }

  void add_lost_routes(std::vector<std::string>& reasons) const {
    for (const auto& route : now_.routes) {
      const auto& kept = after_.networks;
      const bool is_lost = route.interface == interface_.name && route.gateway &&
                           route.destination.prefix_length != 0 &&
                           std::find(kept.begin(), kept.end(), route.destination) == kept.end();
      if (is_lost) {
        reasons.push_back(fmt::format("the route to {} by {} goes", route.destination.text(),
                                      route.gateway->text()));
      }
    }
  }

  /// A bridge or bond that it is a port of, a VLAN that lies on it.
  void add_interfaces_on_this(std::vector<std::string>& reasons) const {
    for (const auto& other : now_.interfaces) {
      const bool is_on_this = other.name == interface_.master || other.lower == interface_.name;
      if (!is_on_this || other.addresses.empty()) continue;
      reasons.push_back(
          fmt::format("{} ({}) lies on it", other.name, other.addresses.front().text()));
    }
  }

  static bool overlap(const Subnet& one, const Subnet& other) {
    return one.address.family() == other.address.family() &&
           (one.contains(other.address) || other.contains(one.address));
  }

  bool is_in_use(const Subnet& subnet) const {
    return std::any_of(interface_.addresses.begin(), interface_.addresses.end(),
                       [&](const Subnet& each) { return overlap(each, subnet); });
  }

  /// Another interface's neighbours get their answers through this one, once it has that subnet.
  void add_shared_subnets(std::vector<std::string>& reasons) const {
    for (const auto& wanted : after_.addresses) {
      if (is_in_use(wanted)) continue;
      for (const auto& other : now_.interfaces) {
        const auto shared = std::find_if(other.addresses.begin(), other.addresses.end(),
                                         [&](const Subnet& each) { return overlap(each, wanted); });
        if (other.name == interface_.name || shared == other.addresses.end()) continue;
        reasons.push_back(fmt::format("{} is in the subnet that {} has ({})", wanted.text(),
                                      other.name, shared->text()));
      }
    }
  }

  /// A neighbour afterwards: of an address to come or to stay, or of another interface.
  bool is_near(const IpAddress& peer) const {
    const auto holds = [&](const Subnet& each) { return each.contains(peer); };
    const auto& own = interface_.addresses;
    return std::any_of(after_.addresses.begin(), after_.addresses.end(), holds) ||
           std::any_of(own.begin(), own.end(),
                       [&](const Subnet& each) {
                         return holds(each) && !after_.gives(each.address) && stays(each.address);
                       }) ||
           std::any_of(now_.interfaces.begin(), now_.interfaces.end(), [&](const auto& other) {
             return other.name != interface_.name &&
                    std::any_of(other.addresses.begin(), other.addresses.end(), holds);
           });
  }

  /// The address stays, and the way there does not: the peer is no neighbour any more, or another
  /// gateway comes, here or beside the one of now.
  bool loses_way_to(const IpAddress& peer) const {
    if (is_near(peer)) return false;
    if (!addresses_towards(peer).empty()) return true;
    if (!now_.gateway || now_.gateway->family() != peer.family()) return false;
    if (!is_default()) return after_.gateway && after_.gateway != now_.gateway;
    return after_.gives(peer.family()) && after_.gateway != now_.gateway;
  }

  bool ends(const Connection& connection) const {
    const bool is_here = has(interface_, connection.local);
    if (is_here && !stays(connection.local)) return true;
    const bool goes_by_default = is_here ? is_default() : is_of_default(connection.local);
    return goes_by_default && loses_way_to(connection.peer);
  }

  bool is_of_default(const IpAddress& address) const {
    return std::any_of(now_.interfaces.begin(), now_.interfaces.end(), [&](const auto& each) {
      return each.name == now_.default_interface && has(each, address);
    });
  }

  bool ends_login(const IpAddress& peer) const {
    auto local = addresses_towards(peer);
    if (local.empty() && is_default() && peer.family() == Family::v4 && !is_near(peer)) {
      local = addresses_to_gateway();
    }
    return loses_all(local) || (!local.empty() && loses_way_to(peer));
  }

  bool is_own(const IpAddress& address) const {
    return std::any_of(now_.interfaces.begin(), now_.interfaces.end(),
                       [&](const auto& each) { return has(each, address); });
  }

  void add_lost_connections(std::vector<std::string>& reasons) const {
    std::vector<Connection> lost;
    for (const auto& each : now_.connections) {
      if (ends(each) && !is_own(each.peer)) lost.push_back(each);
    }
    const bool is_login_among = std::any_of(
        lost.begin(), lost.end(), [&](const Connection& each) { return each.peer == now_.login; });
    if (now_.login && !is_login_among && ends_login(*now_.login)) {
      reasons.push_back(fmt::format("the login from {} ends", now_.login->text()));
    }
    if (lost.empty()) return;
    const auto& first = named_first(lost);
    const auto what =
        fmt::format("between {} and {} port {}", first.peer.text(), first.local.text(), first.port);
    reasons.push_back(lost.size() == 1
                          ? fmt::format("the connection {} ends", what)
                          : fmt::format("{} connections end, one of them {}", lost.size(), what));
  }

  /// The one of the login that gives the order, if it is among them; else ssh's.
  const Connection& named_first(const std::vector<Connection>& lost) const {
    constexpr std::uint16_t ssh = 22;
    const auto rank = [&](const Connection& each) {
      if (each.peer == now_.login) return 0;
      return each.port == ssh ? 1 : 2;
    };
    return *std::min_element(lost.begin(), lost.end(),
                             [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  }

  const Interface& interface_;
  const Situation& now_;
  Configured before_;
  Configured after_;
  bool is_reconnected_ = false;
};

}  // namespace

Situation look(const system::Network& network, const std::optional<IpAddress>& login) {
  return {network.interfaces(),      network.default_route_interface(),
          network.default_gateway(), network.routes(),
          network.connections(),     login,
          network.host_name()};
}

bool CutOff::is_same_change(const CutOff& other) const {
  return interface == other.interface && before == other.before && after == other.after &&
         gateway_before == other.gateway_before && gateway_after == other.gateway_after &&
         host_name_after == other.host_name_after && (!is_console || reasons == other.reasons);
}

bool is_about_network(const plan::Plan& plan) {
  return !configured_by(plan).interfaces.empty() || !lost_consoles(plan).empty();
}

std::vector<CutOff> find_cut_offs(const plan::Plan& plan, const Situation& now) {
  const auto all = configured_by(plan);
  std::vector<CutOff> cut_offs;
  for (const auto& interface : now.interfaces) {
    const bool is_default = now.default_interface == interface.name;
    const bool is_concerned =
        all.interfaces.count(interface.name) != 0 || (is_default && all.interfaces.count("") != 0);
    if (!is_concerned) continue;
    const Change change{interface, all, now};
    auto reasons = change.reasons();
    if (reasons.empty()) continue;
    cut_offs.push_back({interface.name, change.addresses_now(), change.after().addresses,
                        change.is_default() ? now.gateway : std::nullopt, change.after().gateway,
                        now.host_name, host_name_after(plan, now.host_name), false,
                        change.address_that_does_not_fit().has_value(), std::move(reasons)});
  }
  if (auto reasons = lost_consoles(plan); !reasons.empty()) {
    cut_offs.push_back({.interface = "the serial console",
                        .host_name_before = now.host_name,
                        .host_name_after = now.host_name,
                        .is_console = true,
                        .reasons = std::move(reasons)});
  }
  return cut_offs;
}

}  // namespace timectl::reach
