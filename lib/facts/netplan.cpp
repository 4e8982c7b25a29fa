// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "facts/details.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace timectl::facts {

using system::RootedPath;

namespace {

/// A mapping's entry in YAML's block style, which netplan, cloud-init and NetworkManager write.
struct Entry {
  std::vector<std::string> keys;  ///< from the outermost inwards; an item of a list is "-"
  std::string value;              ///< unquoted; "" when the lines below have it
  std::size_t line = 0;
};

std::string unquoted(std::string_view text) {
  const auto bare = trim(text);
  const bool is_quoted = bare.size() > 1 && (bare.front() == '"' || bare.front() == '\'') &&
                         bare.back() == bare.front();
  return std::string{is_quoted ? bare.substr(1, bare.size() - 2) : bare};
}

/// A '#' starts a comment at the line's begin or behind a space: a password may hold one.
std::string_view without_comment(std::string_view line) {
  for (auto at = line.find('#'); at != line.npos; at = line.find('#', at + 1)) {
    if (at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t') return line.substr(0, at);
  }
  return line;
}

class BlockReader {
 public:
  std::vector<Entry> read(const std::string& text) {
    std::size_t number = 0;
    for (const auto& line : lines_of(text)) add(line, ++number);
    return std::move(entries_);
  }

 private:
  struct Level {
    std::size_t indent;
    std::string key;
  };

  void add(std::string_view line, std::size_t number) {
    const auto text = without_comment(line);
    const auto indent = text.find_first_not_of(' ');
    const auto bare = trim(text);
    if (bare.empty() || bare == "---") return;
    while (!open_.empty() && open_.back().indent >= indent) open_.pop_back();
    const bool is_item = bare.front() == '-';
    const auto colon = is_item ? bare.npos : end_of_key(bare);
    const auto key = is_item ? std::string{"-"} : unquoted(bare.substr(0, colon));
    open_.push_back({indent, key});
    Entry entry{{}, "", number};
    for (const auto& level : open_) entry.keys.push_back(level.key);
    if (colon != bare.npos) entry.value = unquoted(bare.substr(colon + 1));
    entries_.push_back(std::move(entry));
  }

  /// An address of IPv6 is a key with colons, in quotes.
  static std::size_t end_of_key(std::string_view bare) {
    const bool is_quoted = bare.front() == '"' || bare.front() == '\'';
    return bare.find(':', is_quoted ? bare.find(bare.front(), 1) : 0);
  }

  std::vector<Level> open_;
  std::vector<Entry> entries_;
};

constexpr auto own_file = "90-timectl.yaml";
constexpr std::array device_types{"ethernets", "wifis", "modems",  "bridges",       "bonds",
                                  "vlans",     "vrfs",  "tunnels", "dummy-devices", "nm-devices"};

bool is_device_type(const std::string& key) {
  return std::find(device_types.begin(), device_types.end(), key) != device_types.end();
}

bool is_address(const std::string& key) {
  return key == "addresses" || key == "gateway4" || key == "routes";
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
    if (name != own_file) paths.push_back(path);
  }
  return paths;
}

class NetplanReader {
 public:
  void read(const RootedPath& path, const std::string& text) {
    file_ = path.text();
    for (const auto& entry : BlockReader{}.read(text)) take(entry);
  }

  Netplan found{{}, "networkd", {}, {}};

 private:
  void take(const Entry& entry) {
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

  void take_unreadable(const Entry& entry) {
    found.not_known.push_back(
        fmt::format("{} line {} has its definitions in braces, which timectl "
                    "does not read",
                    file_, entry.line));
  }

  void take_definition(const Entry& entry) {
    NetplanDefinition definition;
    definition.type = entry.keys[1];
    definition.id = entry.keys[2];
    definition.file = file_;
    definition.line = entry.line;
    if (starts_flow(entry.value)) take_unreadable(entry);
    found.definitions.push_back(std::move(definition));
  }

  static void take_property(const Entry& entry, NetplanDefinition& definition) {
    const auto& keys = entry.keys;
    const auto& key = keys[3];
    if (keys.size() == 4 && key == "set-name") definition.set_name = entry.value;
    if (keys.size() == 4 && is_address(key) && definition.address_line == 0) {
      definition.address_line = entry.line;
    }
    if (key != "match") return;
    if (keys.size() == 5) take_match(keys[4], entry.value, definition);
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

Netplan look_at_netplan(const system::FileReader& files) {
  NetplanReader reader;
  for (const auto& path : netplan_files(files)) {
    const auto text = readable(files, path);
    if (text) {
      reader.read(path, *text);
    } else {
      reader.found.not_known.push_back(path.text() + " may only be read by root");
    }
  }
  return std::move(reader.found);
}

}  // namespace timectl::facts
