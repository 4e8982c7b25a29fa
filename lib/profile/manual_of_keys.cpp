// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/manual_of_keys.hpp"

#include "base/text.hpp"
#include "profile/object_manual.hpp"
#include "profile/tables.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::profile {

namespace {

constexpr std::string_view default_mark = "{default}";
constexpr std::string_view range_mark = "{range}";

std::string filled(std::string text, std::string_view mark, std::string_view with) {
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + with.size())) {
    text.replace(at, mark.size(), with);
  }
  return text;
}

/// A default as words: "0x68", 10, true, "a and b", none.
std::string in_words(const Value& value) {
  if (value.kind == Value::Kind::boolean) return value.truth ? "true" : "false";
  if (value.kind != Value::Kind::array) return value.text;
  if (value.items.empty()) return "none";
  std::string words;
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    const bool last = i + 1 == value.items.size();
    if (i > 0) words += last ? " and " : ", ";
    words += value.items[i].text;
  }
  return words;
}

/// "1 to 16", or nothing for what has no bounds.
std::string range_of(const Key& key) {
  const Value* least = key.shape.rule.find("minimum");
  const Value* most = key.shape.rule.find("maximum");
  if (least == nullptr || most == nullptr) return {};
  return fmt::format("{} to {}", least->number, most->number);
}

std::string default_in_words(const Key& key) {
  const Value* value = key.default_value();
  return value != nullptr && key.shape.form == Form::value ? in_words(*value) : "";
}

std::string own_text(const Key& key) {
  if (!key.manual.empty()) return std::string{key.manual};
  const auto range = range_of(key);
  return fmt::format("{}{}{}.", key.description, range.empty() ? "" : ", ", range);
}

/// What all keys of the object have.
std::string common_default(const Object& object) {
  return object.keys.empty() ? "" : default_in_words(object.keys.front());
}

void collect(const Object& object, std::vector<ManualSection>& sections) {
  ManualSection section{std::string{object.title},
                        filled(std::string{object.intro}, default_mark, common_default(object)),
                        {}};
  // `networks` has the keys of `network`.
  const auto is_there = [&](const ManualSection& each) { return each.title == object.title; };
  if (std::any_of(sections.begin(), sections.end(), is_there)) return;
  const bool says_default = object.intro.find(default_mark) != std::string_view::npos;
  for (Key key : object.keys) {
    if (says_default) key.default_from = Default::derived;
    section.keys.push_back({std::string{key.key}, manual_text(key)});
  }
  sections.push_back(std::move(section));
  for (const Key& key : object.keys) {
    for (const Object& part : key.shape.object) collect(part, sections);
  }
}

}  // namespace

std::string manual_text(const Key& key) {
  const auto own = own_text(key);
  const auto value = default_in_words(key);
  auto text = filled(filled(own, range_mark, range_of(key)), default_mark, value);
  if (!key.instead.empty()) return fmt::format("{}\nRequired, or `{}`.", text, key.instead);
  if (key.presence == Presence::required) return text + "\nRequired.";
  const bool is_said = value.empty() || own.find(default_mark) != std::string::npos;
  return is_said ? text : fmt::format("{}\nDefault: {}.", text, value);
}

std::vector<ManualSection> manual_of(const Object& object) {
  std::vector<ManualSection> sections;
  collect(object, sections);
  return sections;
}

std::vector<ManualSection> manual_of_keys() { return manual_of(object_of(document_table)); }

}  // namespace timectl::profile
