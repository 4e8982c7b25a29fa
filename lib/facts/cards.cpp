// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "facts/facts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::facts {

namespace {

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
    known.contradiction =
        fmt::format("{} is reserved for the MAC address {}, and its MAC address is {}",
                    address.text(), *known.mac, describe(*other));
    return known;
  }
  if (known.mac || seen.empty()) return known;
  const auto second = std::find_if(seen.begin(), seen.end(),
                                   [&](const Card& card) { return card.mac != seen[0].mac; });
  if (second != seen.end()) {
    known.contradiction = fmt::format("the MAC address of {} is {}, and {}", address.text(),
                                      describe(seen[0]), describe(*second));
    return known;
  }
  known.mac = seen[0].mac;
  known.newly_found_in = seen[0].found_in;
  return known;
}

}  // namespace timectl::facts
