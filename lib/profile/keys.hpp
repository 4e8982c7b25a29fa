// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Internal to profile: an object of the document is a table of its keys.
#pragma once

#include "profile/spot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace timectl::profile {

enum class Presence { optional, required };

/// A key of an object: how its value becomes a part of `Whole`. A reader that finds a mistake
/// says so and leaves `Whole` as it was.
template <typename Whole>
struct Field {
  std::string_view key;
  void (*read)(const Spot& spot, Whole& whole);
  Presence presence = Presence::optional;
};

/// The table's keys as words, for messages and for the comparison with the schema.
template <typename Table>
std::vector<std::string> keys_of(const Table& table) {
  std::vector<std::string> keys;
  for (const auto& field : table) keys.emplace_back(field.key);
  return keys;
}

/// Says which keys of the object are not in `known`.
void reject_unknown_keys(const Spot& object, const std::vector<std::string>& known);

/// Reads an object by its table: the keys in the table's order, unknown and missing ones are
/// mistakes.
template <typename Whole, typename Table>
void read_object(const Spot& spot, const Table& table, Whole& whole) {
  if (spot.value.kind != Value::Kind::object) return spot.reject("an object");
  reject_unknown_keys(spot, keys_of(table));
  for (const auto& field : table) {
    const auto& members = spot.value.members;
    const auto found = std::find_if(members.begin(), members.end(), [&field](const Member& member) {
      return member.key == field.key;
    });
    if (found != members.end()) {
      field.read(spot.member(*found), whole);
    } else if (field.presence == Presence::required) {
      spot.reject(fmt::format("no key \"{}\"", field.key), "it, because it has no default");
    }
  }
}

template <typename Whole, typename Part>
Whole whole_of(Part Whole::*);

/// The struct that `member` points into.
template <auto member>
using WholeOf = decltype(whole_of(member));

/// Reader of a key whose value is converted by `convert` and becomes `member`.
template <auto member, auto convert>
void put(const Spot& spot, WholeOf<member>& whole) {
  if (auto converted = convert(spot)) whole.*member = *std::move(converted);
}

/// The same for a member that may be absent: null takes away what an extended profile gave.
template <auto member, auto convert>
void put_or_none(const Spot& spot, WholeOf<member>& whole) {
  if (spot.value.kind == Value::Kind::null) {
    (whole.*member).reset();
  } else {
    put<member, convert>(spot, whole);
  }
}

/// Reader of a key that was checked and is used elsewhere.
template <auto convert, typename Whole>
void check_only(const Spot& spot, Whole&) {
  convert(spot);
}

}  // namespace timectl::profile
