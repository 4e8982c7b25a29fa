// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/resolve.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "profile/kinds.hpp"
#include "profile/read_tree.hpp"
#include "profile/spot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace timectl::profile {

namespace {

constexpr std::array<std::string_view, 4> own_keys{"$schema", "name", "description", "extends"};

Value merged(Value base, Value over) {
  const bool objects = base.kind == Value::Kind::object && over.kind == Value::Kind::object;
  if (!objects) return over;
  for (Member& member : over.members) {
    const auto same = std::find_if(base.members.begin(), base.members.end(),
                                   [&](const Member& other) { return other.key == member.key; });
    if (same == base.members.end()) {
      base.members.push_back(std::move(member));
    } else {
      same->at = member.at;
      same->value = merged(std::move(same->value), std::move(member.value));
    }
  }
  base.at = over.at;
  return base;
}

void forget_own_keys(Value& document) {
  std::erase_if(document.members, [](const Member& member) {
    return std::find(own_keys.begin(), own_keys.end(), member.key) != own_keys.end();
  });
}

/// The name of the profile that `document` extends, if it is one.
std::optional<std::string> extended_name(const Value& document, Mistakes& mistakes) {
  const Value* name = document.find("extends");
  if (name == nullptr) return std::nullopt;
  // The decoder sees only the last document's; only this checks the others.
  Mistakes unheard;
  const bool last = document.at.document == 0;
  return kind::ProfileName::read({*name, "/extends", last ? unheard : mistakes});
}

class Chain {
 public:
  Chain(const ExtendsLookup& extends, Mistakes& mistakes)
      : extends_(extends), mistakes_(mistakes) {}

  std::optional<Value> read(std::string_view text, const std::string& origin) {
    auto document = read_tree(text, mistakes_.add_document(origin), mistakes_);
    if (!document) return std::nullopt;
    if (document->kind != Value::Kind::object) {
      Spot{*document, "", mistakes_}.reject("an object");
      return std::nullopt;
    }
    const auto name = extended_name(*document, mistakes_);
    if (!name) return document;
    auto base = read_base(*name, {*document->find("extends"), "/extends", mistakes_});
    if (!base) return std::nullopt;
    forget_own_keys(*base);
    return merged(*std::move(base), *std::move(document));
  }

 private:
  std::optional<Value> read_base(const std::string& name, const Spot& where) {
    if (std::find(names_.begin(), names_.end(), name) != names_.end()) {
      where.reject(fmt::format("a profile that does not lead back to itself ({})",
                               join(names_, " extends ")));
      return std::nullopt;
    }
    names_.push_back(name);
    if (names_.size() > longest_chain) {
      where.reject(fmt::format("at most {} profiles behind each other", longest_chain));
      return std::nullopt;
    }
    const auto text = look_up(name, where);
    return text ? read(*text, name) : std::nullopt;
  }

  std::optional<std::string> look_up(const std::string& name, const Spot& where) {
    try {
      return extends_(name);
    } catch (const Error& error) {
      where.reject(fmt::format("the name of a profile ({})", error.what()));
      return std::nullopt;
    }
  }

  const ExtendsLookup& extends_;
  Mistakes& mistakes_;
  std::vector<std::string> names_;
};

}  // namespace

std::optional<Value> resolve(std::string_view text, const std::string& origin,
                             const ExtendsLookup& extends, Mistakes& mistakes) {
  return Chain{extends, mistakes}.read(text, origin);
}

}  // namespace timectl::profile
