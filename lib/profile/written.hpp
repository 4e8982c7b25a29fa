// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Internal to profile: values on their way into a document.
#pragma once

#include "profile/tree.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace timectl::profile {

Value text_value(std::string text);
Value number_value(long long number);
Value real_value(double number);
Value truth_value(bool truth);
Value list_value(std::vector<Value> items);
Value list_of_texts(const std::vector<std::string>& texts);

struct WrittenMember {
  std::string_view key;
  Value value;
};
Value object_value(std::initializer_list<WrittenMember> members = {});
/// Adds a member at the object's end.
void add(Value& object, std::string_view key, Value value);

/// The value as JSON, indented by two, with a line end.
std::string json_text(const Value& value);

}  // namespace timectl::profile
