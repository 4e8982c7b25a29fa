// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/schema.hpp"

#include "profile/library.hpp"
#include "profile/patterns.hpp"
#include "profile/tables.hpp"

#include <utility>

namespace timectl::profile {

namespace {

constexpr auto about_profiles =
    "A small site and its time service, as timectl-profile(5) describes it. A profile may also "
    "have "
    "// and /* */ comments. What a schema cannot say (addresses in the subnet, a server for every "
    "client and the like) `timectl profile validate` says.";

Value reference_to(std::string_view definition) {
  return object_value({{"$ref", text_value("#/definitions/" + std::string{definition})}});
}

/// Rules of an object with these keys and no others.
void add_keys(Value& rule, const Object& object, Value& definitions) {
  auto properties = object_value();
  for (const Key& key : object.keys) add(properties, key.key, rule_of(key, definitions));
  add(rule, "additionalProperties", truth_value(false));
  add(rule, "properties", std::move(properties));
}

Value described(std::string_view description, Value type) {
  return object_value(
      {{"description", text_value(std::string{description})}, {"type", std::move(type)}});
}

void define_feature(const Key& key, Value& definitions) {
  auto rule = described(key.description, list_of_texts({"object", "boolean", "null"}));
  add_keys(rule, key.shape.object.front(), definitions);
  add(rule, "not", object_value({{"const", truth_value(true)}}));
  add(definitions, key.key, std::move(rule));
}

Value rule_of_hosts(const Key& key, Value& definitions) {
  const Object& host = key.shape.object.front();
  auto definition = described(host.description, list_of_texts({"object", "null"}));
  add_keys(definition, host, definitions);
  add(definitions, "host", std::move(definition));
  auto rule = described(key.description, text_value("object"));
  add(rule, "minProperties", number_value(1));
  add(rule, "maxProperties", number_value(most_hosts));
  add(rule, "additionalProperties", truth_value(false));
  add(rule, "patternProperties", object_value({{host_name_pattern(), reference_to("host")}}));
  return rule;
}

/// What a profile needs that extends no other; features are not entered, they have no such keys.
Value required_in(const Object& object) {
  std::vector<std::string> required;
  auto properties = object_value();
  for (const Key& key : object.keys) {
    if (key.presence != Presence::required) continue;
    required.emplace_back(key.key);
    if (key.shape.form == Form::object) {
      add(properties, key.key, required_in(key.shape.object.front()));
    } else if (key.shape.form == Form::hosts) {
      add(properties, key.key,
          object_value({{"additionalProperties", required_in(key.shape.object.front())}}));
    }
  }
  auto rule = object_value({{"required", list_of_texts(required)}});
  if (!properties.members.empty()) add(rule, "properties", std::move(properties));
  return rule;
}

}  // namespace

Value rule_of(const Key& key, Value& definitions) {
  if (key.shape.form == Form::feature) {
    define_feature(key, definitions);
    return reference_to(key.key);
  }
  if (key.shape.form == Form::hosts) return rule_of_hosts(key, definitions);
  auto rule = object_value({{"description", text_value(std::string{key.description})}});
  if (key.shape.form == Form::object) {
    add(rule, "type", text_value("object"));
    add_keys(rule, key.shape.object.front(), definitions);
  }
  for (const Member& member : key.shape.rule.members) rule.members.push_back(member);
  if (const auto* value = key.default_value()) add(rule, "default", *value);
  return rule;
}

Value schema_of(const Object& document) {
  auto schema = object_value({{"$schema", text_value("http://json-schema.org/draft-07/schema#")},
                              {"title", text_value("timectl profile")},
                              {"description", text_value(about_profiles)},
                              {"type", text_value("object")}});
  auto definitions = object_value();
  add_keys(schema, document, definitions);
  add(schema, "if", object_value({{"required", list_of_texts({"extends"})}}));
  add(schema, "else", required_in(document));
  add(schema, "definitions", std::move(definitions));
  return schema;
}

std::string profile_schema() { return json_text(schema_of(object_of(document_table))); }

}  // namespace timectl::profile
