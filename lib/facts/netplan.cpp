// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "facts/details.hpp"
#include "facts/yaml_block.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace timectl::facts {

using system::RootedPath;

namespace {

constexpr auto netplan_own_file = "90-timectl.yaml";
constexpr std::array device_types{"ethernets", "wifis", "modems",  "bridges",       "bonds",
                                  "vlans",     "vrfs",  "tunnels", "dummy-devices", "nm-devices"};

bool is_device_type(const std::string& key) {
  return std::find(device_types.begin(), device_types.end(), key) != device_types.end();
}

std::vector<RootedPath> netplan_files(const system::FileReader& files) {
  std::map<std::string, RootedPath> by_name;
  for (const auto* place : {"/run/netplan", "/etc/netplan", "/usr/lib/netplan", "/lib/netplan"}) {
    for (const auto& path : readable_entries(files, RootedPath{place}, ".yaml")) {
      by_name.emplace(path.name(), path);
    }
  }
  std::vector<RootedPath> paths;
  for (const auto& [name, path] : by_name) {
    // A second interface of the host has a file of its own.
    const bool is_own = name == netplan_own_file || name.starts_with("90-timectl-");
    if (!is_own) paths.push_back(path);
  }
  return paths;
}

class NetplanReader {
 public:
  void read(const RootedPath& path, const std::string& text) {
    file_ = path.text();
    for (const auto& entry : read_yaml_block(text)) take(entry);
    for (auto& each : found.definitions) {
      if (each.file == file_ && each.address_line != 0) {
        each.without = without_addresses(text, each);
      }
    }
  }

  Netplan found{{}, "networkd", {}, {}, {}};

 private:
  void take(const YamlEntry& entry) {
    const auto& keys = entry.keys;
    if (keys.front() != "network") return;
    if (keys.size() < 3 && starts_flow(entry.value)) return take_unreadable(entry);
    if (keys.size() < 2) return;
    if (keys.size() == 2 && keys[1] == "renderer") {
      found.renderer = entry.value;
      found.renderer_file = file_;
    }
    if (keys.size() < 3 || !is_device_type(keys[1])) return;
    if (keys.size() == 3) return take_definition(entry);
    take_property(entry, found.definitions.back());
  }

  static bool starts_flow(const std::string& value) {
    return value.starts_with('{') && value != "{}";
  }

  void take_unreadable(const YamlEntry& entry) {
    found.not_known.push_back(
        fmt::format("{} line {} has its definitions in braces, which timectl "
                    "does not read",
                    file_, entry.line));
  }

  void take_definition(const YamlEntry& entry) {
    NetplanDefinition definition;
    definition.type = entry.keys[1];
    definition.id = entry.keys[2];
    definition.file = file_;
    definition.line = entry.line;
    if (starts_flow(entry.value)) take_unreadable(entry);
    found.definitions.push_back(std::move(definition));
  }

  static void take_property(const YamlEntry& entry, NetplanDefinition& definition) {
    const auto& keys = entry.keys;
    const auto& key = keys[3];
    if (keys.size() == 4 && key == "set-name") definition.set_name = entry.value;
    if (keys.size() == 4 && is_netplan_address(key) && definition.address_line == 0) {
      definition.address_line = entry.line;
    }
    if (key != "match") return;
    if (keys.size() == 5) take_match(keys[4], entry.value, definition);
    if (keys.size() == 4) definition.matches_any = entry.value == "{}";
    if (keys.size() == 4 && starts_flow(entry.value)) take_flow_match(entry.value, definition);
  }

  static void take_match(const std::string& key, const std::string& value,
                         NetplanDefinition& definition) {
    if (key == "name") definition.match_name = value;
    if (key == "macaddress") definition.match_mac = value;
  }

  /// "{name: eth0, driver: x}", as people write it.
  static void take_flow_match(const std::string& value, NetplanDefinition& definition) {
    const auto inner = std::string_view{value}.substr(1, value.rfind('}') - 1);
    for (const auto& pair : split(inner, ',')) {
      const auto colon = pair.find(':');
      if (colon == pair.npos) continue;
      take_match(unquoted(std::string_view{pair}.substr(0, colon)),
                 unquoted(std::string_view{pair}.substr(colon + 1)), definition);
    }
  }

  std::string file_;
};

}  // namespace

bool is_netplan_address(const std::string& key) {
  return key == "addresses" || key == "gateway4" || key == "routes";
}

Netplan read_netplan(const system::FileReader& files) {
  NetplanReader reader;
  for (const auto& path : netplan_files(files)) {
    const auto text = readable(files, path);
    if (text) {
      reader.read(path, *text);
    } else {
      reader.found.not_known.push_back(path.text() + " may only be read by root");
    }
  }
  const auto own = RootedPath{"/etc/netplan"} / netplan_own_file;
  if (files.status(own)) reader.found.own_file = own.text();
  return std::move(reader.found);
}

}  // namespace timectl::facts
