// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "profile/decode.hpp"

#include "profile/tables.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace timectl::profile {

namespace {

template <typename Whole>
ObjectKeys keys_at(const std::string& object, const Table<Whole>& table) {
  ObjectKeys keys{object, keys_of(table), {}};
  for (const auto& field : table.fields) {
    if (field.presence == Presence::required) keys.required.emplace_back(field.key);
  }
  return keys;
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

void reject_missing_key(const Spot& object, std::string_view key) {
  object.reject(fmt::format("no key \"{}\"", key), "it, because it has no default");
}

Profile decode(const Spot& document) {
  Profile profile;
  read_object(document, document_table, profile);
  for (Host& host : profile.hosts) {
    const bool serves_its_subnet = host.serve && host.serve->allow.empty();
    if (serves_its_subnet) host.serve->allow = {profile.network.subnet};
  }
  return profile;
}

std::vector<ObjectKeys> object_keys() {
  return {keys_at("", document_table),
          keys_at("/network", network_table),
          keys_at("/hosts/*", host_table),
          keys_at("/hosts/*/rtc", rtc_table),
          keys_at("/hosts/*/sources", sources_table),
          keys_at("/hosts/*/serve", serve_table),
          keys_at("/hosts/*/client", client_table),
          keys_at("/hosts/*/dhcp", dhcp_table),
          keys_at("/hosts/*/controller", controller_table),
          keys_at("/hosts/*/controller/levels", levels_table),
          keys_at("/hosts/*/monitor", monitor_table)};
}

}  // namespace timectl::profile
