// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/network_netlink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include <net/if.h>
#include <sys/socket.h>

namespace timectl::system::os {

namespace {

using Bytes = std::vector<std::uint8_t>;

template <typename Fixed>
Bytes make_message(unsigned short type, unsigned short flags, const Fixed& fixed) {
  nlmsghdr header{};
  header.nlmsg_len = static_cast<std::uint32_t>(NLMSG_LENGTH(sizeof fixed));
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<unsigned short>(NLM_F_REQUEST | flags);
  Bytes message(NLMSG_SPACE(sizeof fixed));
  std::memcpy(message.data(), &header, sizeof header);
  std::memcpy(message.data() + NLMSG_HDRLEN, &fixed, sizeof fixed);
  return message;
}

void append_attribute(Bytes& message, unsigned short type, std::span<const std::uint8_t> value) {
  rtattr attribute{};
  attribute.rta_len = static_cast<unsigned short>(RTA_LENGTH(value.size()));
  attribute.rta_type = type;
  const std::size_t start = message.size();
  message.resize(start + RTA_SPACE(value.size()));
  std::memcpy(message.data() + start, &attribute, sizeof attribute);
  std::copy(value.begin(), value.end(),
            message.begin() + static_cast<std::ptrdiff_t>(start + RTA_LENGTH(0)));
  const auto length = static_cast<std::uint32_t>(message.size());
  std::memcpy(message.data(), &length, sizeof length);
}

unsigned interface_index(const std::string& interface) {
  const unsigned index = ::if_nametoindex(interface.c_str());
  if (index == 0) kernel::fail(fmt::format("find the interface '{}'", interface));
  return index;
}

/// Walks the messages of one datagram; false from `visit` ends it.
bool for_each_message(std::span<const std::uint8_t> datagram,
                      const std::function<bool(const nlmsghdr&)>& visit) {
  while (datagram.size() >= sizeof(nlmsghdr)) {
    nlmsghdr header{};
    std::memcpy(&header, datagram.data(), sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > datagram.size()) return true;
    // The kernel aligns messages to four bytes within a buffer that new[] aligned to more.
    if (!visit(*reinterpret_cast<const nlmsghdr*>(datagram.data()))) return false;
    datagram =
        datagram.subspan(std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), datagram.size()));
  }
  return true;
}

int error_of(const nlmsghdr& message) { return -netlink_fixed<nlmsgerr>(message).error; }

}  // namespace

NetlinkAttributes::NetlinkAttributes(const nlmsghdr& message, std::size_t fixed_size) {
  const auto* start = reinterpret_cast<const std::uint8_t*>(&message);
  const std::size_t skipped = NLMSG_SPACE(fixed_size);
  if (message.nlmsg_len > skipped) bytes_ = {start + skipped, message.nlmsg_len - skipped};
}

std::span<const std::uint8_t> NetlinkAttributes::find(unsigned short type) const {
  auto rest = bytes_;
  while (rest.size() >= sizeof(rtattr)) {
    rtattr attribute{};
    std::memcpy(&attribute, rest.data(), sizeof attribute);
    if (attribute.rta_len < sizeof attribute || attribute.rta_len > rest.size()) return {};
    if ((attribute.rta_type & NLA_TYPE_MASK) == type) {
      return rest.subspan(RTA_LENGTH(0), attribute.rta_len - RTA_LENGTH(0));
    }
    rest = rest.subspan(std::min<std::size_t>(RTA_ALIGN(attribute.rta_len), rest.size()));
  }
  return {};
}

std::optional<std::uint32_t> NetlinkAttributes::number(unsigned short type) const {
  const auto value = find(type);
  std::uint32_t result = 0;
  if (value.size() != sizeof result) return std::nullopt;
  std::memcpy(&result, value.data(), sizeof result);
  return result;
}

std::string NetlinkAttributes::text(unsigned short type) const {
  const auto value = find(type);
  return {value.begin(), std::find(value.begin(), value.end(), std::uint8_t{0})};
}

std::optional<IpAddress> netlink_address(int family, std::span<const std::uint8_t> bytes) {
  if (bytes.size() != (family == AF_INET ? 4U : 16U)) return std::nullopt;
  return kernel::address_from(bytes);
}

Netlink::Netlink()
    : socket_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)), buffer_(65536) {
  if (!socket_) kernel::fail("ask the kernel for its network");
  // A kernel that does not answer is not worth waiting for; without this a lost reply is for ever.
  const timeval limit{2, 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

void Netlink::send(Bytes& message, const std::string& what) {
  if (::send(socket_.get(), message.data(), message.size(), 0) < 0) kernel::fail(what);
}

std::span<const std::uint8_t> Netlink::receive(const std::string& what) {
  const auto size = ::recv(socket_.get(), buffer_.data(), buffer_.size(), 0);
  if (size < 0) kernel::fail(what, errno == EAGAIN ? ETIMEDOUT : errno);
  return {buffer_.data(), static_cast<std::size_t>(size)};
}

void Netlink::dump(unsigned short type, const std::function<void(const nlmsghdr&)>& visit) {
  const std::string what = "list the network of this host";
  auto request = make_message(type, NLM_F_DUMP, rtgenmsg{AF_UNSPEC});
  send(request, what);
  const auto take = [&](const nlmsghdr& message) {
    if (message.nlmsg_type == NLMSG_DONE) return false;
    if (message.nlmsg_type == NLMSG_ERROR) kernel::fail(what, error_of(message));
    visit(message);
    return true;
  };
  while (for_each_message(receive(what), take)) continue;
}

void Netlink::acknowledge(Bytes& message, const std::string& what) {
  send(message, what);
  for_each_message(receive(what), [&](const nlmsghdr& reply) {
    if (reply.nlmsg_type != NLMSG_ERROR) return true;
    const int error = error_of(reply);
    if (error != 0 && error != EEXIST) kernel::fail(what, error);
    return false;
  });
}

void Netlink::set_up(const std::string& interface) {
  ifinfomsg link{};
  link.ifi_family = AF_UNSPEC;
  link.ifi_index = static_cast<int>(interface_index(interface));
  link.ifi_flags = IFF_UP;
  link.ifi_change = IFF_UP;
  auto message = make_message(RTM_NEWLINK, NLM_F_ACK, link);
  acknowledge(message, fmt::format("bring up the interface '{}'", interface));
}

void Netlink::add_address(const std::string& interface, const Subnet& subnet) {
  const bool is_v4 = subnet.address.family() == IpAddress::Family::v4;
  ifaddrmsg fixed{};
  fixed.ifa_family = static_cast<std::uint8_t>(is_v4 ? AF_INET : AF_INET6);
  fixed.ifa_prefixlen = static_cast<std::uint8_t>(subnet.prefix_length);
  fixed.ifa_index = interface_index(interface);
  // No other host can have the address, so it need not be tentative for a second.
  fixed.ifa_flags = IFA_F_NODAD;
  auto message = make_message(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, fixed);
  const std::span<const std::uint8_t> bytes{subnet.address.bytes().data(), is_v4 ? 4U : 16U};
  append_attribute(message, IFA_LOCAL, bytes);
  append_attribute(message, IFA_ADDRESS, bytes);
  acknowledge(message, fmt::format("add the address '{}' to '{}'", subnet.text(), interface));
}

}  // namespace timectl::system::os
