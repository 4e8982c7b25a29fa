// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Internal to profile: a table of keys without its C++ types, as schema and manual are made of it.
#pragma once

#include "profile/tree.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace timectl::profile {

enum class Presence { optional, required };

/// Where the default of a key is from: from the struct's initial value, or from the rest of the
/// profile, as its description says.
enum class Default { initial, derived };

/// What a key holds: a value, an object that has keys of its own, such an object or false, or an
/// object with a member for each host or for each network.
enum class Form { value, object, feature, hosts, networks };

struct Object;

struct Shape {
  Form form = Form::value;
  /// Of a value: the members of its JSON Schema. Of networks: of the text that a member may be
  /// instead of an object.
  Value rule;
  std::vector<Object> object;  ///< of the other forms: the one that the key holds
  /// Of networks: the key of that object whose value such a text is.
  std::string_view text_is = {};
};

struct Key {
  std::string_view key;
  std::string_view description;
  std::string_view manual;
  std::string_view question;
  Presence presence = Presence::optional;
  std::string_view instead;
  std::string_view former;
  Default default_from = Default::initial;
  Shape shape;
  std::optional<Value> initial;  ///< nullopt: nothing

  /// What the key has when it is not given, unless that depends on something else.
  const Value* default_value() const;
};

struct Object {
  std::string_view title;
  std::string_view description;
  std::string_view intro;
  std::vector<Key> keys;
};

/// Whether the key holds hosts or networks: objects of its table under names of their own.
bool has_named_members(const Key& key);

/// Calls `visit` with each key of the object and of those that it holds, and its pointer; '*'
/// stands for the name of a host or of a network.
void for_each_key(const Object& object,
                  const std::function<void(const std::string& pointer, const Key&)>& visit,
                  const std::string& pointer = "");

/// Where the objects are that a key holds, when it is at `pointer`.
std::string pointer_into(const Key& key, const std::string& pointer);

}  // namespace timectl::profile
