// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "facts/chrony.hpp"

#include <fmt/format.h>

#include <algorithm>

/// Who may ask chronyd (chrony.conf(5), allow and deny; addrfilt.c).
namespace timectl::facts {

namespace {

using system::ChronyDirective;
using Family = IpAddress::Family;

struct Rule {
  Subnet subnet;
  bool allows = false;
  const ChronyDirective* directive = nullptr;  ///< nullptr: timectl's

  /// chronyd keeps a tree of four bits a level: in one level the last rule wins, a deeper one wins
  /// over it.
  int level() const { return (subnet.prefix_length + 3) / 4; }
};

int bits_of(Family family) { return family == Family::v4 ? 32 : 128; }

IpAddress with_bit(const IpAddress& address, int bit) {
  auto bytes = address.bytes();
  auto& byte = bytes.at(static_cast<std::size_t>(bit) / 8);
  byte = static_cast<std::uint8_t>(byte | (0x80U >> (static_cast<unsigned>(bit) % 8U)));
  std::string text;
  if (address.family() == Family::v4) {
    text = fmt::format("{}.{}.{}.{}", bytes[0], bytes[1], bytes[2], bytes[3]);
  } else {
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
      text += fmt::format("{}{:x}", i == 0 ? "" : ":", (bytes[i] << 8U) | bytes[i + 1]);
    }
  }
  return IpAddress::parse(text).value_or(address);
}

/// "1", "1.2" and "1.2.3" are networks.
std::optional<Subnet> shortened(const std::string& net) {
  auto parts = split(net, '.');
  if (parts.size() > 3) return std::nullopt;
  const auto length = static_cast<int>(parts.size()) * 8;
  parts.resize(4, "0");
  const auto address = IpAddress::parse(join(parts, "."));
  return address ? std::optional{Subnet{*address, length}} : std::nullopt;
}

/// nullopt: a name, of one host, or what chronyd refuses.
std::optional<Subnet> subnet_of(const std::string& word) {
  const auto slash = word.find('/');
  const auto net = word.substr(0, slash);
  auto subnet = shortened(net);
  if (const auto address = IpAddress::parse(net)) {
    subnet = Subnet{*address, bits_of(address->family())};
  }
  if (!subnet || slash == std::string::npos) return subnet;
  const auto length = to_integer(word.substr(slash + 1));
  if (!length || *length < 0 || *length > bits_of(subnet->address.family())) return std::nullopt;
  subnet->prefix_length = static_cast<int>(*length);
  return subnet;
}

IpAddress last_of(const Subnet& subnet) {
  auto address = subnet.network().address;
  for (int bit = subnet.prefix_length; bit < bits_of(address.family()); ++bit) {
    address = with_bit(address, bit);
  }
  return address;
}

bool is_in(const std::vector<Subnet>& allowed, const IpAddress& address) {
  return std::any_of(allowed.begin(), allowed.end(),
                     [&](const Subnet& subnet) { return subnet.contains(address); });
}

class Rules {
 public:
  void add(const ChronyDirective& directive) {
    const auto& words = directive.words;
    const bool allows = words.front() == "allow";
    const bool is_all = words.size() > 1 && words[1] == "all";
    const std::size_t at = is_all ? 2 : 1;
    if (words.size() > at + 1) return;
    if (words.size() > at) {
      if (const auto subnet = subnet_of(words[at])) add({*subnet, allows, &directive}, is_all);
      return;
    }
    for (const auto* any : {"0.0.0.0/0", "::/0"}) {
      add({*Subnet::parse(any), allows, &directive}, is_all);
    }
  }

  void add(const Rule& rule, bool is_all) {
    if (is_all) {
      rules_.erase(std::remove_if(rules_.begin(), rules_.end(),
                                  [&](const Rule& each) {
                                    return each.level() > rule.level() &&
                                           rule.subnet.contains(each.subnet.address);
                                  }),
                   rules_.end());
    }
    rules_.push_back(rule);
  }

  /// The rule by which more than one address of `subnet` is denied.
  const Rule* denial_in(const Subnet& subnet) const {
    if (subnet.prefix_length == bits_of(subnet.address.family())) return nullptr;
    const bool is_divided = std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
      return rule.subnet.prefix_length > subnet.prefix_length &&
             subnet.contains(rule.subnet.address);
    });
    if (!is_divided) {
      const auto* rule = rule_of(subnet.address);
      return rule != nullptr && !rule->allows ? rule : nullptr;
    }
    const int length = subnet.prefix_length + 1;
    const auto& low = subnet.network().address;
    if (const auto* rule = denial_in({low, length})) return rule;
    return denial_in({with_bit(low, length - 1), length});
  }

 private:
  const Rule* rule_of(const IpAddress& address) const {
    const Rule* found = nullptr;
    for (const auto& rule : rules_) {
      if (!rule.subnet.contains(address)) continue;
      if (found == nullptr || rule.level() >= found->level()) found = &rule;
    }
    return found;
  }

  std::vector<Rule> rules_;
};

/// Those of others, with timectl's where chronyd reads its drop-in.
Rules rules_of(const system::ChronyFiles& read, const std::vector<Subnet>& allowed) {
  Rules rules;
  const auto& directives = read.directives;
  for (std::size_t i = 0; i <= directives.size(); ++i) {
    if (std::find(read.own_at.begin(), read.own_at.end(), i) != read.own_at.end()) {
      for (const auto& subnet : allowed) rules.add({subnet, true, nullptr}, false);
    }
    if (i == directives.size() || directives[i].is_own) continue;
    const auto& name = directives[i].words.front();
    if (name == "allow" || name == "deny") rules.add(directives[i]);
  }
  return rules;
}

}  // namespace

const ChronyDirective* denies_part_of(const system::ChronyFiles& read,
                                      const std::vector<Subnet>& allowed) {
  const auto rules = rules_of(read, allowed);
  for (const auto& subnet : allowed) {
    const auto* rule = rules.denial_in(subnet);
    if (rule != nullptr && rule->directive != nullptr) return rule->directive;
  }
  return nullptr;
}

std::vector<IpAddress> named_besides(const system::ChronyFiles& read,
                                     const std::vector<Subnet>& allowed, std::size_t most) {
  std::vector<IpAddress> addresses;
  for (const auto* directive : read.named("allow")) {
    for (std::size_t at = 1; at < directive->words.size(); ++at) {
      const auto subnet = subnet_of(directive->words[at]);
      if (!subnet) continue;
      auto address = subnet->network().address;
      if (is_in(allowed, address)) address = last_of(*subnet);
      if (is_in(allowed, address)) continue;
      if (addresses.size() == most) return addresses;
      addresses.push_back(address);
    }
  }
  return addresses;
}

}  // namespace timectl::facts
