// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "probe/dhcp.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::probe {

namespace {

// RFC 2131 figure 1: offsets of the fixed part.
constexpr std::size_t transaction_at = 4;
constexpr std::size_t client_at = 12;
constexpr std::size_t hardware_at = 28;
constexpr std::size_t cookie_at = 236;
constexpr std::size_t options_at = 240;
/// BOOTP relays of old drop anything shorter.
constexpr std::size_t smallest_request = 300;

constexpr std::array<std::uint8_t, 4> magic_cookie{99, 130, 83, 99};
constexpr std::uint8_t boot_reply = 2;
constexpr std::uint8_t acknowledge = 5;

enum Option : std::uint8_t {
  padding = 0,
  ntp_servers = 42,
  message_type = 53,
  server_identifier = 54,
  parameter_list = 55,
  end_of_options = 255,
};

std::optional<IpAddress> address_in(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < 4) return std::nullopt;
  return IpAddress::parse(fmt::format("{}.{}.{}.{}", bytes[0], bytes[1], bytes[2], bytes[3]));
}

void take_option(std::uint8_t code, std::span<const std::uint8_t> value, DhcpReply& reply) {
  if (code == message_type) reply.is_acknowledgement = value.size() == 1 && value[0] == acknowledge;
  if (code == server_identifier) reply.server = address_in(value);
  if (code != ntp_servers) return;
  for (; value.size() >= 4; value = value.subspan(4)) {
    reply.ntp_servers.push_back(*address_in(value));
  }
}

/// False when an option reaches beyond the end.
bool take_options(std::span<const std::uint8_t> bytes, DhcpReply& reply) {
  std::size_t at = 0;
  while (at < bytes.size() && bytes[at] != end_of_options) {
    if (bytes[at] == padding) {
      ++at;
      continue;
    }
    if (at + 1 >= bytes.size() || at + 2 + bytes[at + 1] > bytes.size()) return false;
    take_option(bytes[at], bytes.subspan(at + 2, bytes[at + 1]), reply);
    at += 2U + bytes[at + 1];
  }
  return true;
}

}  // namespace

std::vector<std::uint8_t> make_dhcp_inform(std::uint32_t transaction, const IpAddress& client,
                                           const HardwareAddress& hardware) {
  std::vector<std::uint8_t> request(options_at, 0);
  request[0] = 1;  // BOOTREQUEST
  request[1] = 1;  // Ethernet
  request[2] = static_cast<std::uint8_t>(hardware.size());
  for (std::size_t i = 0; i < 4; ++i) {
    request[transaction_at + i] = static_cast<std::uint8_t>(transaction >> (24U - 8U * i));
    request[client_at + i] = client.bytes()[i];
    request[cookie_at + i] = magic_cookie[i];
  }
  std::copy(hardware.begin(), hardware.end(), request.begin() + hardware_at);
  constexpr std::array<std::uint8_t, 7> options{message_type,   1, 8,  // DHCPINFORM
                                                parameter_list, 1, ntp_servers, end_of_options};
  request.insert(request.end(), options.begin(), options.end());
  request.resize(smallest_request, padding);
  return request;
}

std::optional<DhcpReply> parse_dhcp_reply(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < options_at || bytes[0] != boot_reply) return std::nullopt;
  const auto cookie = bytes.subspan(cookie_at, magic_cookie.size());
  if (!std::equal(cookie.begin(), cookie.end(), magic_cookie.begin())) return std::nullopt;
  DhcpReply reply;
  for (std::size_t i = 0; i < 4; ++i) {
    reply.transaction = reply.transaction << 8U | bytes[transaction_at + i];
  }
  if (!take_options(bytes.subspan(options_at), reply)) return std::nullopt;
  return reply;
}

}  // namespace timectl::probe
