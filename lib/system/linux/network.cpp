// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/network.hpp"

#include "system/linux/kernel_call.hpp"
#include "system/linux/linux.hpp"
#include "system/linux/network_netlink.hpp"
#include "system/linux/network_sockets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstring>
#include <filesystem>
#include <map>

#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

namespace timectl::system::os {

namespace {

std::string mac_text(std::span<const std::uint8_t> bytes) {
  const bool is_zero = std::all_of(bytes.begin(), bytes.end(), [](auto b) { return b == 0; });
  return bytes.size() == 6 && !is_zero ? fmt::format("{:02x}", fmt::join(bytes, ":")) : "";
}

bool is_wireless(const std::string& interface) {
  const std::filesystem::path directory{"/sys/class/net/" + interface};
  std::error_code ignored;
  return std::filesystem::exists(directory / "wireless", ignored) ||
         std::filesystem::exists(directory / "phy80211", ignored);
}

Interface link_of(const nlmsghdr& message) {
  const auto link = netlink_fixed<ifinfomsg>(message);
  const NetlinkAttributes attributes{message, sizeof link};
  Interface interface;
  interface.name = attributes.text(IFLA_IFNAME);
  interface.mac = mac_text(attributes.find(IFLA_ADDRESS));
  interface.is_up = (link.ifi_flags & IFF_UP) != 0;
  interface.has_carrier = (link.ifi_flags & IFF_RUNNING) != 0;
  interface.is_loopback = (link.ifi_flags & IFF_LOOPBACK) != 0;
  interface.is_wireless = is_wireless(interface.name);
  return interface;
}

/// The indexes of what an interface is a port of, and of what it lies on; 0 without.
struct Stack {
  int master = 0;
  int lower = 0;
};

/// The other end of a veth(4) may be in another network namespace, and its index is of that one.
Stack stack_of(const nlmsghdr& message) {
  const auto link = netlink_fixed<ifinfomsg>(message);
  const NetlinkAttributes attributes{message, sizeof link};
  Stack stack;
  stack.master = static_cast<int>(attributes.number(IFLA_MASTER).value_or(0));
  const auto below = static_cast<int>(attributes.number(IFLA_LINK).value_or(0));
  const bool is_elsewhere = !attributes.find(IFLA_LINK_NETNSID).empty();
  if (!is_elsewhere && below != link.ifi_index) stack.lower = below;
  return stack;
}

void add_address_of(const nlmsghdr& message, std::map<int, Interface>& interfaces) {
  const auto fixed = netlink_fixed<ifaddrmsg>(message);
  const NetlinkAttributes attributes{message, sizeof fixed};
  auto bytes = attributes.find(IFA_LOCAL);
  // On a point-to-point link IFA_ADDRESS is the peer; elsewhere and for IPv6 it is our own.
  if (bytes.empty()) bytes = attributes.find(IFA_ADDRESS);
  const auto address = netlink_address(fixed.ifa_family, bytes);
  const auto found = interfaces.find(static_cast<int>(fixed.ifa_index));
  if (!address || found == interfaces.end()) return;
  found->second.addresses.push_back({*address, fixed.ifa_prefixlen});
  const auto flags = attributes.number(IFA_FLAGS).value_or(fixed.ifa_flags);
  if ((flags & IFA_F_PERMANENT) != 0) found->second.permanent.push_back(*address);
}

std::string name_of(unsigned interface) {
  std::array<char, IF_NAMESIZE> name{};
  return ::if_indextoname(interface, name.data()) == nullptr ? "" : name.data();
}

/// rtnetlink(7): permanent entries are an administrator's, the others have answered once.
std::optional<Neighbour> neighbour_of(const nlmsghdr& message) {
  constexpr unsigned heard = NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT;
  const auto entry = netlink_fixed<ndmsg>(message);
  if ((entry.ndm_state & heard) == 0) return std::nullopt;
  const NetlinkAttributes attributes{message, sizeof entry};
  const auto address = netlink_address(entry.ndm_family, attributes.find(NDA_DST));
  const auto mac = mac_text(attributes.find(NDA_LLADDR));
  if (!address || mac.empty()) return std::nullopt;
  return Neighbour{*address, mac, name_of(static_cast<unsigned>(entry.ndm_ifindex))};
}

/// A way out of a route; of several ways the first one.
struct Hop {
  unsigned interface = 0;
  std::optional<IpAddress> gateway;
};

/// RTA_VIA: the gateway of an IPv4 route may have an IPv6 address (RFC 5549).
std::optional<IpAddress> gateway_of(int family, const NetlinkAttributes& attributes) {
  if (auto gateway = netlink_address(family, attributes.find(RTA_GATEWAY))) return gateway;
  const auto via = attributes.find(RTA_VIA);
  if (via.size() <= sizeof(rtvia)) return std::nullopt;
  rtvia fixed{};
  std::memcpy(&fixed, via.data(), sizeof fixed);
  return netlink_address(fixed.rtvia_family, via.subspan(sizeof fixed));
}

std::optional<Hop> first_hop(int family, const NetlinkAttributes& attributes) {
  if (const auto index = attributes.number(RTA_OIF)) {
    return Hop{*index, gateway_of(family, attributes)};
  }
  const auto hops = attributes.find(RTA_MULTIPATH);
  rtnexthop hop{};
  if (hops.size() < sizeof hop) return std::nullopt;
  std::memcpy(&hop, hops.data(), sizeof hop);
  if (hop.rtnh_len < sizeof hop || hop.rtnh_len > hops.size()) return std::nullopt;
  const NetlinkAttributes own{hops.subspan(sizeof hop, hop.rtnh_len - sizeof hop)};
  return Hop{static_cast<unsigned>(hop.rtnh_ifindex), gateway_of(family, own)};
}

std::optional<system::Route> route_of(const nlmsghdr& message) {
  const auto fixed = netlink_fixed<rtmsg>(message);
  const bool is_other = fixed.rtm_type != RTN_UNICAST || fixed.rtm_table != RT_TABLE_MAIN ||
                        fixed.rtm_protocol == RTPROT_RA || (fixed.rtm_flags & RTM_F_CLONED) != 0;
  if (is_other || (fixed.rtm_family != AF_INET && fixed.rtm_family != AF_INET6)) {
    return std::nullopt;
  }
  const NetlinkAttributes attributes{message, sizeof fixed};
  const auto hop = first_hop(fixed.rtm_family, attributes);
  const bool is_default = fixed.rtm_dst_len == 0;
  if (!hop || (!hop->gateway && !is_default)) return std::nullopt;
  const auto none = IpAddress::parse(fixed.rtm_family == AF_INET ? "0.0.0.0" : "::");
  const auto to = netlink_address(fixed.rtm_family, attributes.find(RTA_DST));
  return system::Route{{to.value_or(*none), fixed.rtm_dst_len},
                       hop->gateway,
                       name_of(hop->interface),
                       netlink_address(fixed.rtm_family, attributes.find(RTA_PREFSRC)),
                       attributes.number(RTA_PRIORITY).value_or(0)};
}

std::vector<system::Route> all_routes() {
  Netlink netlink;
  std::vector<system::Route> routes;
  netlink.dump(RTM_GETROUTE, [&](const nlmsghdr& message) {
    if (auto route = route_of(message)) routes.push_back(std::move(*route));
  });
  return routes;
}

std::optional<system::Route> best_default_route() {
  std::optional<system::Route> best;
  for (auto& route : all_routes()) {
    const bool is_default = route.destination == Subnet{} && !route.interface.empty();
    if (is_default && (!best || route.metric < best->metric)) best = std::move(route);
  }
  return best;
}

void add_stacks(const std::map<int, Stack>& stacks, std::map<int, Interface>& interfaces) {
  for (const auto& [index, stack] : stacks) {
    const auto master = interfaces.find(stack.master), lower = interfaces.find(stack.lower);
    if (master != interfaces.end()) interfaces[index].master = master->second.name;
    const auto below = stacks.find(stack.lower);
    // The two ends of a veth(4) name each other, and neither lies on the other.
    const bool is_pair = below != stacks.end() && below->second.lower == index;
    if (lower != interfaces.end() && !is_pair) interfaces[index].lower = lower->second.name;
  }
}

class LinuxNetwork : public Network {
 public:
  std::vector<Interface> interfaces() const override {
    Netlink netlink;
    std::map<int, Interface> by_index;
    std::map<int, Stack> stacks;
    netlink.dump(RTM_GETLINK, [&](const nlmsghdr& message) {
      const auto index = netlink_fixed<ifinfomsg>(message).ifi_index;
      by_index[index] = link_of(message);
      stacks[index] = stack_of(message);
    });
    add_stacks(stacks, by_index);
    netlink.dump(RTM_GETADDR, [&](const nlmsghdr& message) { add_address_of(message, by_index); });
    std::vector<Interface> result;
    for (auto& [index, interface] : by_index) result.push_back(std::move(interface));
    return result;
  }

  std::optional<std::string> default_route_interface() const override {
    const auto best = best_default_route();
    return best ? std::optional{best->interface} : std::nullopt;
  }

  std::optional<IpAddress> default_gateway() const override {
    const auto best = best_default_route();
    return best ? best->gateway : std::nullopt;
  }

  std::vector<system::Route> routes() const override { return all_routes(); }

  std::vector<Neighbour> neighbours() const override {
    std::vector<Neighbour> found;
    Netlink netlink;
    netlink.dump(RTM_GETNEIGH, [&](const nlmsghdr& message) {
      if (auto neighbour = neighbour_of(message)) found.push_back(std::move(*neighbour));
    });
    return found;
  }

  std::vector<UdpListener> udp_listeners(std::uint16_t port) const override {
    return listeners_on(port, "/proc");
  }

  std::vector<Connection> connections() const override { return connections_in("/proc"); }

  std::string host_name() const override {
    std::array<char, HOST_NAME_MAX + 1> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) kernel::fail("read the host's name");
    return name.data();
  }
};

}  // namespace

std::unique_ptr<Network> make_network() { return std::make_unique<LinuxNetwork>(); }

}  // namespace timectl::system::os
