// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/schema.hpp"

#include "profile/keys_network.hpp"
#include "profile/kinds.hpp"
#include "profile/library.hpp"
#include "profile/patterns.hpp"
#include "profile/tables.hpp"

#include <fmt/format.h>

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

Value under_former_name(const Key& key, Value rule) {
  for (Member& member : rule.members) {
    if (member.key != "description") continue;
    member.value = text_value(fmt::format("The former name of {}", key.key));
  }
  std::erase_if(rule.members, [](const Member& member) { return member.key == "default"; });
  add(rule, "deprecated", truth_value(true));
  return rule;
}

/// Rules of an object with these keys and no others.
void add_keys(Value& rule, const Object& object, Value& definitions) {
  auto properties = object_value();
  for (const Key& key : object.keys) {
    auto of_key = rule_of(key, definitions);
    if (!key.former.empty()) add(properties, key.former, under_former_name(key, of_key));
    add(properties, key.key, std::move(of_key));
  }
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

/// An object with a member for each network, which may be text where the key's rule says so.
Value rule_of_networks(const Key& key, Value& definitions) {
  const Object& inside = key.shape.object.front();
  auto types = std::vector<std::string>{"object", "null"};
  const Value& text = key.shape.rule;
  if (!text.members.empty()) types.insert(types.begin(), "string");
  auto member = described(inside.description, list_of_texts(types));
  for (const Member& each : text.members) {
    if (each.key != "type") member.members.push_back(each);
  }
  add_keys(member, inside, definitions);
  auto rule = described(key.description, list_of_texts({"object", "null"}));
  add(rule, "maxProperties", number_value(most_networks));
  add(rule, "additionalProperties", truth_value(false));
  add(rule, "patternProperties", object_value({{kind::network_name_pattern(), std::move(member)}}));
  return rule;
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

Value requirement(std::string_view key) {
  return object_value({{"required", list_of_texts({std::string{key}})}});
}

/// What a profile needs that extends no other; features are not entered, they have no such keys.
Value required_in(const Object& object) {
  std::vector<std::string> required;
  std::vector<Value> either;
  auto properties = object_value();
  for (const Key& key : object.keys) {
    if (!key.instead.empty()) {
      either = {requirement(key.key), requirement(key.instead)};
    } else if (key.presence == Presence::required) {
      required.emplace_back(key.key);
    }
    if (key.shape.form == Form::object) {
      add(properties, key.key, required_in(key.shape.object.front()));
    } else if (has_named_members(key)) {
      add(properties, key.key,
          object_value({{"additionalProperties", required_in(key.shape.object.front())}}));
    }
  }
  auto rule = object_value({{"required", list_of_texts(required)}});
  if (!either.empty()) add(rule, "anyOf", list_value(std::move(either)));
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
  if (key.shape.form == Form::networks) return rule_of_networks(key, definitions);
  auto rule = object_value({{"description", text_value(std::string{key.description})}});
  if (key.shape.form == Form::object) {
    add(rule, "type", text_value("object"));
    if (!key.instead.empty()) rule = or_null(std::move(rule));
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
                              {"type", text_value("object")},
                              // Not JSON Schema's: editors on vscode-json-languageservice mark
                              // comments in a .json file as mistakes without it.
                              {"allowComments", truth_value(true)}});
  auto definitions = object_value();
  add_keys(schema, document, definitions);
  add(schema, "if", object_value({{"required", list_of_texts({"extends"})}}));
  add(schema, "else", required_in(document));
  add(schema, "definitions", std::move(definitions));
  return schema;
}

std::string profile_schema() { return json_text(schema_of(object_of(document_table))); }

}  // namespace timectl::profile
