// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/decode.hpp"

#include "profile/networks.hpp"
#include "profile/tables.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::profile {

namespace {

void collect_keys(const std::string& pointer, const Object& object, std::vector<ObjectKeys>& all) {
  ObjectKeys keys{pointer, {}, {}};
  for (const Key& key : object.keys) {
    keys.keys.emplace_back(key.key);
    const bool has_other = !key.instead.empty();
    if (key.presence == Presence::required && !has_other) keys.required.emplace_back(key.key);
  }
  all.push_back(std::move(keys));
  for (const Key& key : object.keys) {
    const auto inside = pointer_to(pointer, key.key);
    for (const Object& part : key.shape.object) {
      collect_keys(pointer_into(key, inside), part, all);
    }
  }
}

}  // namespace

void reject_unknown_keys(const Spot& object, const std::vector<std::string>& known) {
  for (const Member& member : object.value.members) {
    if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
    object.mistakes.add(member.at, pointer_to(object.pointer, member.key),
                        fmt::format("found an unknown key, expected one of {}{}",
                                    fmt::join(known, ", "), suggestion(member.key, known)));
  }
}

const Member* member_of(const Spot& object, std::string_view key, std::string_view former) {
  const auto& members = object.value.members;
  const auto find = [&](std::string_view name) {
    return std::find_if(members.begin(), members.end(),
                        [&](const Member& member) { return member.key == name; });
  };
  const auto now = find(key);
  const auto before = former.empty() ? members.end() : find(former);
  const auto address_of = [&](auto member) { return member == members.end() ? nullptr : &*member; };
  if (before == members.end()) return address_of(now);
  const auto pointer = pointer_to(object.pointer, former);
  object.mistakes.add_note(before->at, pointer, fmt::format("is called \"{}\" now", key));
  if (now == members.end()) return address_of(before);
  if (now->at.document == before->at.document) {
    object.mistakes.add(before->at, pointer,
                        fmt::format("found \"{}\" beside it, expected one of them: it is the same "
                                    "key under its former name",
                                    key));
  }
  return address_of(now->at.document <= before->at.document ? now : before);
}

bool has_key(const Spot& object, std::string_view key) {
  const Value* value = object.value.find(key);
  return value != nullptr && value->kind != Value::Kind::null;
}

void reject_missing_key(const Spot& object, std::string_view key, std::string_view instead) {
  const auto keys =
      instead.empty() ? fmt::format("\"{}\"", key) : fmt::format("\"{}\" or \"{}\"", key, instead);
  object.mistakes.add(object.value.at, object.pointer, "missing required key " + keys);
}

Value or_null(Value rule) {
  for (Member& member : rule.members) {
    if (member.key == "enum") member.value.items.emplace_back();
    if (member.key != "type") continue;
    auto types = member.value.kind == Value::Kind::array ? member.value.items
                                                         : std::vector<Value>{member.value};
    types.push_back(text_value("null"));
    member.value = list_value(std::move(types));
  }
  return rule;
}

Profile decode(const Spot& document) {
  Profile profile;
  read_object(document, document_table, profile);
  for (Host& host : profile.hosts) {
    if (!host.serve || !host.serve->allow.empty()) continue;
    for (const auto& address : host.addresses) {
      const auto* network = find_network(profile, address.network);
      if (network != nullptr) host.serve->allow.push_back(network->subnet);
    }
  }
  return profile;
}

std::vector<ObjectKeys> object_keys() {
  std::vector<ObjectKeys> all;
  collect_keys("", object_of(document_table), all);
  return all;
}

}  // namespace timectl::profile
