// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "facts/chrony.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

/// Who may ask chronyd (chrony.conf(5), allow and deny; addrfilt.c).
namespace timectl::facts {

namespace {

using system::ChronyDirective;
using Family = IpAddress::Family;

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

/// An address as a number, with room for the one behind the last: IPv4's in the last four bytes.
using Position = std::array<std::uint8_t, 17>;

Position first_of(const Subnet& subnet) {
  const auto& address = subnet.address;
  const std::size_t size = address.family() == Family::v4 ? 4 : 16;
  Position first{};
  for (std::size_t i = 0; i < size; ++i) {
    const auto free = std::clamp(8 * (static_cast<int>(i) + 1) - subnet.prefix_length, 0, 8);
    const auto mask = 0xFFU << static_cast<unsigned>(free);
    first.at(17 - size + i) = static_cast<std::uint8_t>(address.bytes().at(i) & mask);
  }
  return first;
}

/// The address `count` bits of whose end are zero, with a one added before them.
Position behind(Position first, int count) {
  auto carry = 1U << (static_cast<unsigned>(count) % 8U);
  for (auto at = 16 - count / 8; at >= 0 && carry != 0; --at) {
    auto& byte = first.at(static_cast<std::size_t>(at));
    carry += byte;
    byte = static_cast<std::uint8_t>(carry);
    carry >>= 8U;
  }
  return first;
}

struct Range {
  Position first;
  Position end;

  explicit Range(const Subnet& subnet)
      : first(first_of(subnet)),
        end(behind(first, bits_of(subnet.address.family()) - subnet.prefix_length)) {}
};

/// chronyd keeps a tree of four bits a level: in one level the last rule wins, a deeper one wins
/// over it.
int level_of(int prefix_length) { return (prefix_length + 3) / 4; }

struct Rule {
  Subnet subnet;
  bool allows = false;
  bool is_all = false;                         ///< takes the deeper ones before it back
  const ChronyDirective* directive = nullptr;  ///< nullptr: timectl's
  bool is_gone = false;

  int level() const { return level_of(subnet.prefix_length); }
};

/// Where a rule or a served network begins or ends.
struct Border {
  static constexpr std::size_t served = std::string::npos;

  Position at;
  std::size_t rule;
  bool begins;
};

/// Of one family, in chronyd's order.
class Rules {
 public:
  explicit Rules(Family family) : family_(family) {}

  void add(const Rule& rule) {
    if (rule.subnet.address.family() == family_) rules_.push_back(rule);
  }

  /// Those by which more than one address of `served` is denied, and those by which it would be
  /// without them. `steps` counts what was looked at.
  void add_denials(const std::vector<Subnet>& served, Denials& found) {
    // What an `all` took back is there again without it, and is deeper than it.
    while (add_denials_in_force(served, found)) {
    }
  }

 private:
  /// Whether an `all` is among them.
  bool add_denials_in_force(const std::vector<Subnet>& served, Denials& found) {
    const auto borders = borders_of(served);
    found.steps += borders.size();
    active_.clear();
    depth_ = 0;
    bool has_all = false;
    std::size_t before = Border::served;  // the rule in force just before a border
    for (std::size_t i = 0; i + 1 < borders.size(); ++i) {
      pass(borders[i]);
      const auto& next = borders[i + 1].at;
      if (next == borders[i].at) continue;
      const bool is_single = behind(borders[i].at, 0) == next;
      if (depth_ > 0 && take_denials(is_single, before, found)) has_all = true;
      before = in_force();
    }
    return has_all;
  }

  void pass(const Border& border) {
    if (border.rule == Border::served) {
      depth_ += border.begins ? 1 : -1;
      return;
    }
    const std::pair at{rules_[border.rule].level(), border.rule};
    if (border.begins) {
      active_.insert(at);
    } else {
      active_.erase(at);
    }
  }

  /// Border::served: none, or no network is served here.
  std::size_t in_force() const {
    return depth_ > 0 && !active_.empty() ? active_.rbegin()->second : Border::served;
  }

  /// Between two borders. A single address that is denied is a decision about one host.
  bool take_denials(bool is_single, std::size_t before, Denials& found) {
    bool has_all = false;
    while (!active_.empty()) {
      const auto top = active_.rbegin()->second;
      auto& rule = rules_[top];
      if (rule.allows || rule.directive == nullptr || (is_single && top != before)) break;
      rule.is_gone = true;
      has_all = has_all || rule.is_all;
      found.directives.push_back(rule.directive);
      active_.erase(std::prev(active_.end()));
      ++found.steps;
    }
    return has_all;
  }

  std::vector<Border> borders_of(const std::vector<Subnet>& served) {
    std::vector<Border> borders;
    const auto add = [&](const Subnet& subnet, std::size_t rule) {
      const Range range{subnet};
      borders.push_back({range.first, rule, true});
      borders.push_back({range.end, rule, false});
    };
    for (const auto& subnet : served) {
      const bool is_host = subnet.prefix_length == bits_of(family_);
      if (!is_host && subnet.address.family() == family_) add(subnet, Border::served);
    }
    // By length, where each `all` behind the rule begins.
    std::map<int, std::set<Position>> all;
    for (auto i = rules_.size(); i-- > 0;) {
      const auto& rule = rules_[i];
      if (rule.is_gone) continue;
      const bool is_taken_back = std::any_of(all.begin(), all.end(), [&](const auto& each) {
        return level_of(each.first) < rule.level() &&
               each.second.contains(first_of({rule.subnet.address, each.first}));
      });
      if (rule.is_all) all[rule.subnet.prefix_length].insert(first_of(rule.subnet));
      if (!is_taken_back) add(rule.subnet, i);
    }
    std::sort(borders.begin(), borders.end(),
              [](const Border& a, const Border& b) { return a.at < b.at; });
    return borders;
  }

  Family family_;
  std::vector<Rule> rules_;
  int depth_ = 0;                                 ///< of served networks
  std::set<std::pair<int, std::size_t>> active_;  ///< by level, and then by order
};

/// `allow`, `deny`: an address, a network or, without one, everything; `all` before it.
std::vector<Rule> rules_in(const ChronyDirective& directive) {
  const auto& words = directive.words;
  const bool allows = words.front() == "allow";
  const bool is_all = words.size() > 1 && words[1] == "all";
  const std::size_t at = is_all ? 2 : 1;
  if (words.size() > at + 1) return {};
  std::vector<Rule> rules;
  if (words.size() > at) {
    if (const auto subnet = subnet_of(words[at])) {
      rules.push_back({*subnet, allows, is_all, &directive});
    }
    return rules;
  }
  for (const auto* any : {"0.0.0.0/0", "::/0"}) {
    rules.push_back({*Subnet::parse(any), allows, is_all, &directive});
  }
  return rules;
}

/// Those of others, with timectl's where chronyd reads its drop-in.
Rules rules_of(const system::ChronyFiles& read, const std::vector<Subnet>& allowed, Family family) {
  Rules rules{family};
  const auto& directives = read.directives;
  const std::set<std::size_t> own_at{read.own_at.begin(), read.own_at.end()};
  for (std::size_t i = 0; i <= directives.size(); ++i) {
    if (own_at.contains(i)) {
      for (const auto& subnet : allowed) rules.add({subnet, true});
    }
    if (i == directives.size() || directives[i].is_own) continue;
    const auto& name = directives[i].words.front();
    if (name != "allow" && name != "deny") continue;
    for (const auto& rule : rules_in(directives[i])) rules.add(rule);
  }
  return rules;
}

}  // namespace

Denials denials_in(const system::ChronyFiles& read, const std::vector<Subnet>& allowed) {
  Denials found;
  for (const auto family : {Family::v4, Family::v6}) {
    rules_of(read, allowed, family).add_denials(allowed, found);
  }
  // Of both families there is one line; the lines are in one list.
  auto& lines = found.directives;
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  return found;
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
