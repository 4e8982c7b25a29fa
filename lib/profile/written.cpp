// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/written.hpp"

#include "base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace timectl::profile {

namespace {

using nlohmann::ordered_json;

ordered_json to_json(const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      return nullptr;
    case Value::Kind::boolean:
      return value.truth;
    case Value::Kind::integer:
      return value.number;
    case Value::Kind::real:
      return to_number(value.text).value_or(0);
    case Value::Kind::string:
      return value.text;
    case Value::Kind::array: {
      auto items = ordered_json::array();
      for (const Value& item : value.items) items.push_back(to_json(item));
      return items;
    }
    case Value::Kind::object: {
      auto members = ordered_json::object();
      for (const Member& member : value.members) members[member.key] = to_json(member.value);
      return members;
    }
  }
  return nullptr;
}

}  // namespace

Value text_value(std::string text) {
  Value value;
  value.kind = Value::Kind::string;
  value.text = std::move(text);
  return value;
}

Value number_value(long long number) {
  Value value;
  value.kind = Value::Kind::integer;
  value.number = number;
  value.text = std::to_string(number);
  return value;
}

Value real_value(double number) {
  const auto whole = static_cast<long long>(number);
  if (static_cast<double>(whole) == number) return number_value(whole);
  Value value;
  value.kind = Value::Kind::real;
  value.text = fmt::format("{}", number);
  return value;
}

Value truth_value(bool truth) {
  Value value;
  value.kind = Value::Kind::boolean;
  value.truth = truth;
  return value;
}

Value list_value(std::vector<Value> items) {
  Value value;
  value.kind = Value::Kind::array;
  value.items = std::move(items);
  return value;
}

Value list_of_texts(const std::vector<std::string>& texts) {
  std::vector<Value> items;
  for (const auto& text : texts) items.push_back(text_value(text));
  return list_value(std::move(items));
}

Value object_value(std::initializer_list<WrittenMember> members) {
  Value value;
  value.kind = Value::Kind::object;
  for (const auto& [key, member] : members) add(value, key, member);
  return value;
}

void add(Value& object, std::string_view key, Value value) {
  object.members.push_back({std::string{key}, {}, std::move(value)});
}

std::string json_text(const Value& value) { return to_json(value).dump(2) + "\n"; }

}  // namespace timectl::profile
