// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/network_sockets.hpp"

#include "base/address_kind.hpp"
#include "base/text.hpp"
#include "system/linux/kernel_call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <span>

namespace timectl::system::os {

namespace {

namespace fs = std::filesystem;

template <typename Number>
std::optional<Number> from_hex(std::string_view text) {
  Number value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The kernel prints each 32-bit word of an address in the byte order of the machine.
std::optional<IpAddress> address_from_hex(std::string_view text) {
  if (text.size() != 8 && text.size() != 32) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t at = 0; at < text.size(); at += 8) {
    const auto word = from_hex<std::uint32_t>(text.substr(at, 8));
    if (!word) return std::nullopt;
    std::memcpy(bytes.data() + at / 2, &*word, sizeof *word);
  }
  return kernel::address_from({bytes.data(), text.size() / 2});
}

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;
};

/// "0204A8C0:0016"
std::optional<Endpoint> endpoint_from_hex(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto address = address_from_hex(text.substr(0, colon));
  const auto port = from_hex<std::uint16_t>(text.substr(colon + 1));
  if (!address || !port) return std::nullopt;
  return Endpoint{*address, *port};
}

std::optional<UdpSocketLine> parse_line(const std::string& line) {
  const auto words = words_of(line);
  if (words.size() < 10) return std::nullopt;
  const auto local = endpoint_from_hex(words[1]);
  const auto inode = to_integer(words[9]);
  if (!local || !inode) return std::nullopt;
  return UdpSocketLine{local->address, local->port, static_cast<std::uint64_t>(*inode)};
}

/// A socket for both families has IPv4's addresses as ::ffff:a.b.c.d.
IpAddress unmapped(const IpAddress& address) {
  if (kind_of(address) != AddressKind::mapped) return address;
  return kernel::address_from(std::span{address.bytes()}.subspan(12)).value_or(address);
}

std::optional<Connection> parse_connection(const std::string& line) {
  constexpr std::string_view established = "01";  // TCP_ESTABLISHED, net/tcp_states.h
  const auto words = words_of(line);
  if (words.size() < 10 || words[3] != established) return std::nullopt;
  const auto local = endpoint_from_hex(words[1]);
  const auto peer = endpoint_from_hex(words[2]);
  if (!local || !peer) return std::nullopt;
  const Connection connection{unmapped(local->address), local->port, unmapped(peer->address)};
  const bool is_own =
      kind_of(connection.local) == AddressKind::loopback || connection.local == connection.peer;
  return is_own ? std::nullopt : std::optional{connection};
}

struct Owner {
  std::uint32_t pid = 0;
  std::string program;
};

using Inodes = std::set<std::uint64_t>;

/// Which of the `wanted` inodes a process has open as sockets; nothing when we may not look. Others
/// are not kept: a user may have a million of them.
std::vector<std::uint64_t> socket_inodes(const fs::path& process, const Inodes& wanted) {
  std::vector<std::uint64_t> inodes;
  std::error_code problem;
  for (fs::directory_iterator entry{process / "fd", problem}, end; !problem && entry != end;
       entry.increment(problem)) {
    std::error_code vanished;
    const auto target = fs::read_symlink(entry->path(), vanished).string();
    if (!target.starts_with("socket:[") || !target.ends_with(']')) continue;
    const auto inode = to_integer(std::string_view{target}.substr(8, target.size() - 9));
    if (!inode) continue;
    const auto found = wanted.find(static_cast<std::uint64_t>(*inode));
    if (found != wanted.end()) inodes.push_back(*found);
  }
  return inodes;
}

std::map<std::uint64_t, Owner> socket_owners(const std::string& proc, const Inodes& wanted) {
  std::map<std::uint64_t, Owner> owners;
  std::error_code problem;
  for (fs::directory_iterator entry{proc, problem}, end; !problem && entry != end;
       entry.increment(problem)) {
    const auto pid = to_integer(entry->path().filename().string());
    if (!pid) continue;
    const Owner owner{static_cast<std::uint32_t>(*pid),
                      kernel::read_attribute((entry->path() / "comm").string())};
    // The first one wins: a child that inherited the socket has the higher number.
    for (const auto inode : socket_inodes(entry->path(), wanted)) owners.emplace(inode, owner);
  }
  return owners;
}

}  // namespace

std::vector<UdpSocketLine> parse_udp_sockets(std::string_view text) {
  std::vector<UdpSocketLine> sockets;
  for (const auto& line : lines_of(text)) {
    if (auto socket = parse_line(line)) sockets.push_back(*socket);
  }
  return sockets;
}

namespace {

// The kernel writes the table a page at a time; a socket that comes or goes between two pages moves
// the lines after it, and one of them may be read twice (seq_file, net/ipv4/udp.c:
// udp_seq_start()).
std::vector<UdpSocketLine> sockets_bound_to(std::uint16_t port, const std::string& proc) {
  std::vector<UdpSocketLine> bound;
  for (const auto* table : {"udp", "udp6"}) {
    // Line by line: it has one for each socket of every user.
    std::ifstream lines{fmt::format("{}/self/net/{}", proc, table)};
    for (std::string line; std::getline(lines, line);) {
      const auto socket = parse_line(line);
      if (!socket || socket->port != port) continue;
      const bool is_known = std::any_of(bound.begin(), bound.end(), [&](const UdpSocketLine& each) {
        return each.inode == socket->inode;
      });
      if (!is_known) bound.push_back(*socket);
    }
  }
  return bound;
}

}  // namespace

std::vector<Connection> parse_connections(std::string_view text) {
  std::vector<Connection> connections;
  for (const auto& line : lines_of(text)) {
    if (const auto connection = parse_connection(line)) connections.push_back(*connection);
  }
  return connections;
}

std::vector<Connection> connections_in(const std::string& proc) {
  std::set<Connection> connections;
  for (const auto* table : {"tcp", "tcp6"}) {
    // Line by line, as above.
    std::ifstream lines{fmt::format("{}/self/net/{}", proc, table)};
    for (std::string line; std::getline(lines, line);) {
      if (const auto connection = parse_connection(line)) connections.insert(*connection);
    }
  }
  return {connections.begin(), connections.end()};
}

std::vector<UdpListener> listeners_on(std::uint16_t port, const std::string& proc) {
  const auto bound = sockets_bound_to(port, proc);
  if (bound.empty()) return {};
  Inodes inodes;
  for (const auto& socket : bound) inodes.insert(socket.inode);
  const auto owners = socket_owners(proc, inodes);
  std::vector<UdpListener> listeners;
  for (const auto& socket : bound) {
    const auto owner = owners.find(socket.inode);
    UdpListener listener{socket.address, socket.port, "", 0};
    if (owner != owners.end()) {
      listener.program = owner->second.program;
      listener.pid = owner->second.pid;
    }
    listeners.push_back(listener);
  }
  return listeners;
}

}  // namespace timectl::system::os
