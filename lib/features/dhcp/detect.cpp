// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/dhcp/detect.hpp"

#include "base/text.hpp"
#include "facts/detector.hpp"
#include "features/dhcp/detect_servers.hpp"
#include "features/dhcp/rows.hpp"
#include "platform/platform.hpp"

#include <fmt/format.h>

/// Whom dnsmasq could reserve addresses for.
namespace timectl::features {

using facts::Card;
using facts::CardEvidence;
using system::RootedPath;

namespace {

constexpr auto own_file = platform::dns::own_drop_in;
/// Debian's dnsmasq keeps them there (dnsmasq(8), --dhcp-leasefile).
constexpr auto leases_file = "/var/lib/misc/dnsmasq.leases";

/// dnsmasq's notation of an IPv6 address has brackets.
std::optional<IpAddress> parse_address(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  return IpAddress::parse(text);
}

/// "dhcp-host=MAC,ADDRESS,NAME" of timectl's own file: what an earlier provision recorded.
void add_recorded(const system::FileReader& files, std::vector<Card>& cards) {
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
void add_leases(const system::FileReader& files, std::vector<Card>& cards) {
  const auto text = facts::readable(files, RootedPath{leases_file});
  for (const auto& line : lines_of(text.value_or(""))) {
    const auto words = words_of(line);
    if (words.size() != 5) continue;
    const auto mac = parse_mac(words[1]);
    const auto address = IpAddress::parse(words[2]);
    if (!mac || !address) continue;
    const auto name = words[3] == "*" ? "" : words[3];
    cards.push_back({*address, name, *mac, CardEvidence::lease, leases_file});
  }
}

void add_cards(const facts::Ports& ports, facts::Facts& facts) {
  const bool has_dnsmasq = facts.packages.count("dnsmasq-base") != 0;
  if (has_dnsmasq) facts.cards = find_cards(ports.files, ports.network);
}

}  // namespace

std::vector<Card> find_cards(const system::FileReader& files, const system::Network* network) {
  std::vector<Card> cards;
  add_recorded(files, cards);
  if (network != nullptr) add_neighbours(*network, cards);
  add_leases(files, cards);
  return cards;
}

constinit const facts::Detector dhcp_detectors[2] = {{add_cards}, {find_other_servers}};

}  // namespace timectl::features
