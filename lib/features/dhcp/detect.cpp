// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/dhcp/detect.hpp"

#include "base/text.hpp"
#include "facts/detector.hpp"
#include "facts/dnsmasq.hpp"
#include "features/dhcp/detect_servers.hpp"
#include "features/dhcp/rows.hpp"
#include "platform/platform.hpp"

#include <fmt/format.h>

#include <algorithm>

/// Whom dnsmasq could reserve addresses for.
namespace timectl::features {

using facts::Card;
using facts::CardEvidence;
using system::RootedPath;

namespace {

/// dnsmasq's notation of an IPv6 address has brackets.
std::optional<IpAddress> parse_address(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  return IpAddress::parse(text);
}

/// "dhcp-host=MAC,ADDRESS,NAME" of a file of timectl's: what an earlier provision recorded.
void add_recorded(const system::FileReader& files, const char* own_file, std::vector<Card>& cards) {
  constexpr std::string_view key = "dhcp-host=";
  const auto text = facts::readable(files, RootedPath{own_file});
  for (const auto& line : lines_of(text.value_or(""))) {
    if (!line.starts_with(key)) continue;
    const auto fields = split(std::string_view{line}.substr(key.size()), ',');
    if (fields.size() != 3) continue;
    const auto mac = parse_mac(fields[0]);
    const auto address = parse_address(fields[1]);
    if (mac && address) cards.push_back({*address, "", *mac, CardEvidence::recorded, own_file});
  }
}

void add_neighbours(const system::Network& network, std::vector<Card>& cards) {
  for (const auto& neighbour : network.neighbours()) {
    const auto mac = parse_mac(neighbour.mac);
    if (!mac) continue;
    cards.push_back({neighbour.address, "", *mac, CardEvidence::neighbour,
                     fmt::format("the neighbour table ({})", neighbour.interface)});
  }
}

/// "EXPIRY MAC ADDRESS NAME CLIENT-ID"; DHCPv6's lines have an identifier where the MAC stands.
void add_leases(const system::FileReader& files, const RootedPath& path, std::vector<Card>& cards) {
  const auto text = facts::readable(files, path);
  for (const auto& line : lines_of(text.value_or(""))) {
    const auto words = words_of(line);
    if (words.size() != 5) continue;
    const auto mac = parse_mac(words[1]);
    const auto address = IpAddress::parse(words[2]);
    if (!mac || !address) continue;
    const auto name = words[3] == "*" ? "" : words[3];
    cards.push_back({*address, name, *mac, CardEvidence::lease, path.text()});
  }
}

void add_cards(const facts::Ports& ports, facts::Facts& facts) {
  const auto& others = facts.dhcp_servers;
  const bool has_dnsmasq =
      facts.packages.count("dnsmasq-base") != 0 ||
      std::any_of(others.begin(), others.end(),
                  [](const facts::DhcpServer& server) { return server.reads_dnsmasq_files; });
  if (has_dnsmasq) facts.cards = find_cards(ports.files, ports.network);
}

}  // namespace

std::vector<Card> find_cards(const system::FileReader& files, const system::Network* network) {
  std::vector<Card> cards;
  add_recorded(files, platform::dns::own_drop_in, cards);
  add_recorded(files, platform::dns::shared_drop_in, cards);
  if (network != nullptr) add_neighbours(*network, cards);
  for (const auto& path : facts::lease_files(files)) add_leases(files, path, cards);
  return cards;
}

constinit const facts::Detector dhcp_detectors[2] = {{find_other_servers}, {add_cards}};

}  // namespace timectl::features
