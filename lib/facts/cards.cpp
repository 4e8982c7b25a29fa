// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "facts/details.hpp"
#include "platform/platform.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::facts {

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
  const auto text = readable(files, RootedPath{own_file});
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
  const auto text = readable(files, RootedPath{leases_file});
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

std::string describe(const Card& card) {
  return fmt::format("{} according to {}", card.mac, card.found_in);
}

/// At its address; else under its name, as long as it still has another address by DHCP.
std::vector<Card> seen_of(const Facts& facts, const std::string& name, const IpAddress& address,
                          const std::optional<Subnet>& subnet) {
  std::vector<Card> at_address, by_name;
  for (const auto& card : facts.cards) {
    if (card.evidence == CardEvidence::recorded) continue;
    if (card.address == address) at_address.push_back(card);
    const bool is_near = !subnet || subnet->contains(card.address);
    if (card.name == name && is_near) by_name.push_back(card);
  }
  return at_address.empty() ? by_name : at_address;
}

}  // namespace

std::vector<Card> look_at_cards(const system::FileReader& files, const system::Network* network) {
  std::vector<Card> cards;
  add_recorded(files, cards);
  if (network != nullptr) add_neighbours(*network, cards);
  add_leases(files, cards);
  return cards;
}

void Facts::forget_new_cards() {
  std::erase_if(cards, [](const Card& card) { return card.evidence != CardEvidence::recorded; });
}

KnownCard card_of(const Facts& facts, const std::string& name, const IpAddress& address,
                  const std::optional<std::string>& given, const std::optional<Subnet>& subnet) {
  KnownCard known{given, "", ""};
  for (const auto& card : facts.cards) {
    const bool is_record = card.evidence == CardEvidence::recorded && card.address == address;
    if (is_record && !known.mac) known.mac = card.mac;
  }
  const auto seen = seen_of(facts, name, address, subnet);
  const auto differs = [&](const Card& card) { return card.mac != known.mac.value_or(card.mac); };
  const auto other = std::find_if(seen.begin(), seen.end(), differs);
  if (other != seen.end()) {
    known.contradiction = fmt::format("{} is reserved for the card {}, and its card is {}",
                                      address.text(), *known.mac, describe(*other));
    return known;
  }
  if (known.mac || seen.empty()) return known;
  const auto second = std::find_if(seen.begin(), seen.end(),
                                   [&](const Card& card) { return card.mac != seen[0].mac; });
  if (second != seen.end()) {
    known.contradiction = fmt::format("the card of {} is {}, and {}", address.text(),
                                      describe(seen[0]), describe(*second));
    return known;
  }
  known.mac = seen[0].mac;
  known.newly_found_in = seen[0].found_in;
  return known;
}

}  // namespace timectl::facts
