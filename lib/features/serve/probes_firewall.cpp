// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "features/serve/probes_firewall.hpp"

#include "base/regular_expression.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <map>
#include <vector>

namespace timectl::features {

namespace {

bool has(const std::string& line, std::string_view words) {
  return line.find(words) != std::string::npos;
}

bool names_ntp_port(const std::string& line) {
  static const RegularExpression port{
      R"((udp|th) dport\s+(\{[^}]*\b(123|ntp)\b[^}]*\}|123\b|ntp\b))"};
  return port.fits_within(line);
}

/// What a rule says to every packet: "accept", "drop", "reject", "jump NAME"; empty when it has
/// conditions. Counting and logging are none.
std::string said_to_everything(const std::string& line) {
  static const RegularExpression rule{
      R"(^\s*((counter packets [0-9]+ bytes [0-9]+|log( prefix "[^"]*")?( level \w+)?( flags [a-z ]+)?) )*)"
      R"((accept|drop|(jump|goto) \S+|reject)( with [^"]*)?( comment ".*")?\s*$)"};
  const auto words = rule.find_in(line);
  return words ? std::string{(*words)[6]} : "";
}

enum class Deed { let_in, refuse, drop, jump };

struct Step {
  Deed deed;
  std::string target;           ///< of a jump
  bool has_conditions = false;  ///< of a jump
};

struct Chain {
  bool is_input = false;
  bool drops_by_policy = false;
  std::vector<Step> steps;
};

enum class Fate { goes_on, let_in, refused, dropped };

class Table {
 public:
  void add(const std::string& line) {
    static const RegularExpression opening{R"(^\s*chain (\S+) \{)"};
    if (const auto words = opening.find_in(line)) {
      now_ = &chains_[std::string{(*words)[1]}];
    } else if (now_ != nullptr && trim(line).starts_with("type ") && has(line, " hook ")) {
      now_->is_input = has(line, " hook input ");
      now_->drops_by_policy = has(line, "policy drop");
    } else if (now_ != nullptr) {
      add_rule(line);
    }
  }

  /// One for each chain that the kernel hands packets to that come in.
  std::vector<Fate> fates() const {
    std::vector<Fate> all;
    for (const auto& [name, chain] : chains_) {
      if (!chain.is_input) continue;
      const auto fate = follow(chain, 0);
      all.push_back(fate == Fate::goes_on && chain.drops_by_policy ? Fate::dropped : fate);
    }
    return all;
  }

 private:
  void add_rule(const std::string& line) {
    const auto word = said_to_everything(line);
    if (names_ntp_port(line)) {
      if (has(line, " accept")) now_->steps.push_back({Deed::let_in, {}});
      if (has(line, " drop") || has(line, " reject")) now_->steps.push_back({Deed::refuse, {}});
    } else if (word == "accept") {
      now_->steps.push_back({Deed::let_in, {}});
    } else if (word == "drop" || word == "reject") {
      now_->steps.push_back({Deed::drop, {}});
    }
    // A verdict map may name several.
    static const RegularExpression jump{R"(\b(jump|goto) ([^[:space:],}]+))"};
    std::string_view rest = line;
    while (const auto words = jump.find_in(rest)) {
      now_->steps.push_back({Deed::jump, std::string{(*words)[2]}, word.empty()});
      rest = (*words)[2];
      rest = {rest.end(), std::string_view{line}.end()};
    }
  }

  Fate follow(const Chain& chain, int depth) const {
    for (const auto& step : chain.steps) {
      if (step.deed == Deed::let_in) return Fate::let_in;
      if (step.deed == Deed::refuse) return Fate::refused;
      if (step.deed == Deed::drop) return Fate::dropped;
      const auto fate = after_jump(step, depth);
      if (fate != Fate::goes_on) return fate;
    }
    return Fate::goes_on;
  }

  Fate after_jump(const Step& step, int depth) const {
    constexpr int deepest = 16;  // NFT_JUMP_STACK_SIZE, include/net/netfilter/nf_tables.h
    const auto target = chains_.find(step.target);
    if (target == chains_.end() || depth == deepest) return Fate::goes_on;
    const auto fate = follow(target->second, depth + 1);
    return fate == Fate::let_in || !step.has_conditions ? fate : Fate::goes_on;
  }

  std::map<std::string, Chain> chains_;
  Chain* now_ = nullptr;
};

/// A packet of one family passes its own tables and those of "inet".
std::vector<Table> tables_passed(const std::string& listing, IpAddress::Family family) {
  const std::string own = family == IpAddress::Family::v4 ? "table ip " : "table ip6 ";
  std::vector<Table> tables;
  bool is_passed = false;
  for (const auto& line : lines_of(listing)) {
    if (line.starts_with("table ")) {
      is_passed = line.starts_with("table inet ") || line.starts_with(own);
      if (is_passed) tables.emplace_back();
    } else if (is_passed) {
      tables.back().add(line);
    }
  }
  return tables;
}

}  // namespace

std::string to_string(Firewall firewall) {
  switch (firewall) {
    case Firewall::open:
      return "open";
    case Firewall::closed:
      return "closed";
    case Firewall::drops_the_rest:
      return "drops what no rule lets in";
    case Firewall::not_known:
      break;
  }
  return "not known";
}

Firewall judge_rules(const std::string& listing, IpAddress::Family family) {
  // Every chain has to let a packet pass.
  auto worst = Firewall::open;
  for (const auto& table : tables_passed(listing, family)) {
    for (const auto fate : table.fates()) {
      if (fate == Fate::refused) return Firewall::closed;
      if (fate == Fate::dropped) worst = Firewall::drops_the_rest;
    }
  }
  return worst;
}

}  // namespace timectl::features
