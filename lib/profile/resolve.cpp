// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/resolve.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "profile/kinds.hpp"
#include "profile/read_tree.hpp"
#include "profile/spot.hpp"
#include "profile/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace timectl::profile {

namespace {

constexpr std::array<std::string_view, 4> own_keys{"$schema", "name", "description", "extends"};

/// `text` as the object that it is short for; whatever else it is stays.
void write_out(Value& text, std::string_view key) {
  if (text.kind != Value::Kind::string || key.empty()) return;
  Value object;
  object.kind = Value::Kind::object;
  object.at = text.at;
  object.members.push_back({std::string{key}, text.at, std::move(text)});
  text = std::move(object);
}

bool is_object(const Value& value) { return value.kind == Value::Kind::object; }

Value merged(Value base, Value over, const Object* table);

/// Two values of one key; nullptr: it is no key of a table.
Value merged_values(Value base, Value over, const Key* key) {
  const bool has_table = key != nullptr && !key->shape.object.empty();
  return merged(std::move(base), std::move(over), has_table ? &key->shape.object.front() : nullptr);
}

/// The host or network of one name. A text keeps what the object has beside that key.
Value merged_named(Value base, Value over, const Shape& shape) {
  if (is_object(base)) write_out(over, shape.text_is);
  if (is_object(over)) write_out(base, shape.text_is);
  return merged(std::move(base), std::move(over), &shape.object.front());
}

/// `combine` makes one value of the two that a key has.
template <typename Combine>
Value merged_members(Value base, Value over, Combine combine) {
  if (!is_object(base) || !is_object(over)) return over;
  for (Member& member : over.members) {
    const auto same = std::find_if(base.members.begin(), base.members.end(),
                                   [&](const Member& other) { return other.key == member.key; });
    if (same == base.members.end()) {
      base.members.push_back(std::move(member));
    } else {
      same->at = member.at;
      same->value = combine(member.key, std::move(same->value), std::move(member.value));
    }
  }
  base.at = over.at;
  return base;
}

const Key* find_key(const Object* table, std::string_view name) {
  if (table == nullptr) return nullptr;
  const auto found = std::find_if(table->keys.begin(), table->keys.end(),
                                  [&](const Key& key) { return key.key == name; });
  return found == table->keys.end() ? nullptr : &*found;
}

/// Objects by key. `table` has the keys that they can have, where they are known.
Value merged(Value base, Value over, const Object* table) {
  return merged_members(
      std::move(base), std::move(over), [&](const std::string& name, Value below, Value above) {
        const Key* key = find_key(table, name);
        if (key == nullptr || !has_named_members(*key)) {
          return merged_values(std::move(below), std::move(above), key);
        }
        return merged_members(std::move(below), std::move(above),
                              [&](const std::string&, Value there, Value here) {
                                return merged_named(std::move(there), std::move(here), key->shape);
                              });
      });
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
    const auto table = object_of(document_table);
    return merged(*std::move(base), *std::move(document), &table);
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
