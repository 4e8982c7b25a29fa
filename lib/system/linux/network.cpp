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

struct DefaultRoute {
  std::uint32_t metric = 0;
  unsigned interface = 0;
  std::optional<IpAddress> gateway;
};

std::optional<unsigned> first_hop(const NetlinkAttributes& attributes) {
  if (const auto index = attributes.number(RTA_OIF)) return index;
  const auto hops = attributes.find(RTA_MULTIPATH);
  rtnexthop hop{};
  if (hops.size() < sizeof hop) return std::nullopt;
  std::memcpy(&hop, hops.data(), sizeof hop);
  return static_cast<unsigned>(hop.rtnh_ifindex);
}

std::optional<DefaultRoute> default_route_of(const nlmsghdr& message) {
  const auto route = netlink_fixed<rtmsg>(message);
  if (route.rtm_family != AF_INET || route.rtm_dst_len != 0 || route.rtm_type != RTN_UNICAST ||
      route.rtm_table != RT_TABLE_MAIN) {
    return std::nullopt;
  }
  const NetlinkAttributes attributes{message, sizeof route};
  const auto interface = first_hop(attributes);
  if (!interface) return std::nullopt;
  return DefaultRoute{attributes.number(RTA_PRIORITY).value_or(0), *interface,
                      netlink_address(AF_INET, attributes.find(RTA_GATEWAY))};
}

std::optional<DefaultRoute> best_default_route() {
  Netlink netlink;
  std::optional<DefaultRoute> best;
  netlink.dump(RTM_GETROUTE, [&](const nlmsghdr& message) {
    const auto route = default_route_of(message);
    if (route && (!best || route->metric < best->metric)) best = route;
  });
  return best;
}

class LinuxNetwork : public Network {
 public:
  std::vector<Interface> interfaces() const override {
    Netlink netlink;
    std::map<int, Interface> by_index;
    netlink.dump(RTM_GETLINK, [&](const nlmsghdr& message) {
      by_index[netlink_fixed<ifinfomsg>(message).ifi_index] = link_of(message);
    });
    netlink.dump(RTM_GETADDR, [&](const nlmsghdr& message) { add_address_of(message, by_index); });
    std::vector<Interface> result;
    for (auto& [index, interface] : by_index) result.push_back(std::move(interface));
    return result;
  }

  std::optional<std::string> default_route_interface() const override {
    const auto best = best_default_route();
    const auto name = best ? name_of(best->interface) : "";
    return name.empty() ? std::nullopt : std::optional{name};
  }

  std::optional<IpAddress> default_gateway() const override {
    const auto best = best_default_route();
    return best ? best->gateway : std::nullopt;
  }

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
