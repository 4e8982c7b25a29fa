// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// What a table of keys is made of: an object of the document is a table, a key is a row.
#pragma once

#include "profile/object.hpp"
#include "profile/spot.hpp"
#include "profile/written.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace timectl::profile {

/// How a key's value becomes a part of `Whole`, comes back out of it, and how it is written.
template <typename Whole>
struct Access {
  /// A reader that finds a mistake says so and leaves `Whole` as it was.
  void (*read)(const Spot& spot, Whole& whole);
  /// nullopt: the key is not written.
  std::optional<Value> (*write)(const Whole& whole);
  Shape (*shape)();
};

/// A key of an object.
template <typename Whole>
struct Field {
  std::string_view key;
  Access<Whole> access;
  std::string_view description;  ///< one line: the schema has it, and the manual
  /// What the manual has instead of the description and the range; in it `this` is bold, *this*
  /// italic, and {range} and {default} are the key's. A default that it does not say follows it.
  std::string_view manual = {};
  Presence presence = Presence::optional;
  std::string_view instead = {};  ///< of a required key: another one that can take its place
  Default default_from = Default::initial;
  std::string_view question = {};  ///< of `timectl profile init`; most keys are not asked for
  std::string_view former = {};    ///< its name in earlier versions, which is read for ever
};

/// All keys of an object, in the order in which they are read and written.
template <typename Whole>
struct Table {
  std::span<const Field<Whole>> fields;
  std::string_view title;             ///< of its section in the manual
  std::string_view description = {};  ///< where the key that holds it does not say it
  /// What the manual says before the keys. {default} is the one that all of them have.
  std::string_view intro = {};
};

/// The table's keys as words, for messages and for the comparison with the schema.
template <typename Whole>
std::vector<std::string> keys_of(const Table<Whole>& table) {
  std::vector<std::string> keys;
  for (const auto& field : table.fields) {
    keys.emplace_back(field.key);
    if (!field.former.empty()) keys.emplace_back(field.former);
  }
  return keys;
}

/// The key with its value, also under the name that it had: of an extended and an extending profile
/// the latter's counts. nullptr: it has neither. Notes a former name.
const Member* member_of(const Spot& object, std::string_view key, std::string_view former);
/// Says which keys of the object are not in `known`.
void reject_unknown_keys(const Spot& object, const std::vector<std::string>& known);
/// The rule of a value that may be null.
Value or_null(Value rule);
/// Whether the object has the key, and not null, which takes away what an extended profile gave.
bool has_key(const Spot& object, std::string_view key);
/// Says that the object has no `key`, and needs it, or `instead` where that is not "".
void reject_missing_key(const Spot& object, std::string_view key, std::string_view instead);

/// Reads an object by its table: the keys in the table's order, unknown and missing ones are
/// mistakes.
template <typename Whole>
void read_object(const Spot& spot, const Table<Whole>& table, Whole& whole) {
  if (spot.value.kind != Value::Kind::object) return spot.reject("an object");
  reject_unknown_keys(spot, keys_of(table));
  for (const auto& field : table.fields) {
    const Member* member = member_of(spot, field.key, field.former);
    // null makes room for the other key where an extended profile has this one.
    const bool is_gone = !field.instead.empty() && !has_key(spot, field.key);
    if (member != nullptr && !is_gone) {
      field.access.read(spot.member(*member), whole);
    } else if (field.presence == Presence::required && !has_key(spot, field.instead)) {
      reject_missing_key(spot, field.key, field.instead);
    }
  }
}

template <typename Whole>
Value write_object(const Table<Whole>& table, const Whole& whole) {
  auto object = object_value();
  for (const auto& field : table.fields) {
    if (auto value = field.access.write(whole)) add(object, field.key, *std::move(value));
  }
  return object;
}

/// The table without its types; what a new `Whole` has are the defaults.
template <typename Whole>
Object object_of(const Table<Whole>& table) {
  const Whole initial{};
  Object object{table.title, table.description, table.intro, {}};
  for (const auto& field : table.fields) {
    object.keys.push_back({field.key, field.description, field.manual, field.question,
                           field.presence, field.instead, field.former, field.default_from,
                           field.access.shape(), field.access.write(initial)});
  }
  return object;
}

template <typename Whole, typename Part>
Whole whole_of(Part Whole::*);

/// The struct that `member` points into.
template <auto member>
using WholeOf = decltype(whole_of(member));

/// What a member holds.
template <auto member>
using PartOf = std::remove_cvref_t<decltype(std::declval<WholeOf<member>&>().*member)>;

/// Of a key whose value is of a kind (kinds.hpp) and becomes `member`.
template <auto member, typename Kind>
struct ValueAccess {
  static void read(const Spot& spot, WholeOf<member>& whole) {
    if (auto meaning = Kind::read(spot)) whole.*member = *std::move(meaning);
  }
  static std::optional<Value> write(const WholeOf<member>& whole) {
    return Kind::write(whole.*member);
  }
  static Shape shape() { return {Form::value, Kind::rule(), {}}; }
};

/// The same for a member that may be absent: null takes away what an extended profile gave.
template <auto member, typename Kind>
struct OptionalAccess {
  static void read(const Spot& spot, WholeOf<member>& whole) {
    if (spot.value.kind == Value::Kind::null) {
      (whole.*member).reset();
    } else {
      ValueAccess<member, Kind>::read(spot, whole);
    }
  }
  static std::optional<Value> write(const WholeOf<member>& whole) {
    if (!(whole.*member)) return std::nullopt;
    return Kind::write(*(whole.*member));
  }
  static Shape shape() { return {Form::value, or_null(Kind::rule()), {}}; }
};

/// Of an object inside of the object, with keys of its own.
template <auto member, const auto& table>
struct ObjectAccess {
  static void read(const Spot& spot, WholeOf<member>& whole) {
    read_object(spot, table, whole.*member);
  }
  static std::optional<Value> write(const WholeOf<member>& whole) {
    return write_object(table, whole.*member);
  }
  static Shape shape() { return {Form::object, {}, {object_of(table)}}; }
};

/// Of a feature: an object, or false for a host without it.
template <auto member, const auto& table>
struct FeatureAccess {
  static void read(const Spot& spot, WholeOf<member>& whole) {
    auto& feature = whole.*member;
    const bool is_false = spot.value.kind == Value::Kind::boolean && !spot.value.truth;
    if (is_false || spot.value.kind == Value::Kind::null) {
      feature.reset();
    } else if (spot.value.kind == Value::Kind::object) {
      if (!feature) feature.emplace();
      read_object(spot, table, *feature);
    } else {
      spot.reject("an object, or false for a host without it");
    }
  }
  /// An absent feature is written as false: a role's preset would bring it back.
  static std::optional<Value> write(const WholeOf<member>& whole) {
    return whole.*member ? write_object(table, *(whole.*member)) : truth_value(false);
  }
  static Shape shape() { return {Form::feature, {}, {object_of(table)}}; }
};

/// Of a key that is checked, and used elsewhere.
template <typename Whole, typename Kind>
struct CheckedAccess {
  static void read(const Spot& spot, Whole&) { Kind::read(spot); }
  static std::optional<Value> write(const Whole&) { return std::nullopt; }
  static Shape shape() { return {Form::value, Kind::rule(), {}}; }
};

template <typename Accessor, typename Whole>
constexpr Access<Whole> access_by{&Accessor::read, &Accessor::write, &Accessor::shape};

template <auto member, typename Kind>
constexpr auto holds = access_by<ValueAccess<member, Kind>, WholeOf<member>>;
template <auto member, typename Kind>
constexpr auto may_hold = access_by<OptionalAccess<member, Kind>, WholeOf<member>>;
template <auto member, const auto& table>
constexpr auto holds_object = access_by<ObjectAccess<member, table>, WholeOf<member>>;
template <auto member, const auto& table>
constexpr auto has_feature = access_by<FeatureAccess<member, table>, WholeOf<member>>;
template <typename Whole, typename Kind>
constexpr auto only_checked = access_by<CheckedAccess<Whole, Kind>, Whole>;

}  // namespace timectl::profile
