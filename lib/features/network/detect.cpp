// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "facts/detector.hpp"
#include "features/network/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

/// Which of its connections NetworkManager would activate by itself at a boot.
namespace timectl::features {

using facts::ManagerConnection;
using system::RootedPath;

namespace {

using Keys = std::map<std::string, std::string>;

/// The keys of section [name] of a keyfile. Other sections may have secrets: nothing of them is
/// kept.
Keys section_of(const std::string& text, const std::string& name) {
  Keys keys;
  bool is_inside = false;
  for (const auto& line : lines_of(text)) {
    const auto bare = trim(line);
    if (bare.starts_with('[')) is_inside = bare == "[" + name + "]";
    const auto equals = bare.find('=');
    if (!is_inside || bare.starts_with('#') || equals == bare.npos) continue;
    keys[std::string{trim(bare.substr(0, equals))}] = trim(bare.substr(equals + 1));
  }
  return keys;
}

/// nm-settings-keyfile(5). Wired ones alone: timectl makes no other.
void read_connection(const system::FileReader& files, const RootedPath& path,
                     std::vector<ManagerConnection>& found) {
  auto keys = section_of(facts::readable(files, path).value_or(""), "connection");
  const auto& type = keys["type"];
  const bool is_wired = type == "ethernet" || type == "802-3-ethernet";
  const auto& automatic = keys["autoconnect"];
  if (!is_wired || automatic == "false" || automatic == "0" || automatic == "no") return;
  found.push_back({keys["id"], path.text(), keys["interface-name"],
                   static_cast<int>(to_integer(keys["autoconnect-priority"]).value_or(0))});
}

/// NetworkManager.conf(5): its own file comes after those of conf.d in /usr/lib and /run, and
/// before that in /etc. The last "plugins" counts.
void read_plugins(const system::FileReader& files, facts::Facts& facts) {
  std::vector<RootedPath> paths;
  const auto add = [&](const char* directory) {
    for (auto& path : facts::readable_entries(files, RootedPath{directory}, ".conf")) {
      paths.push_back(std::move(path));
    }
  };
  add("/usr/lib/NetworkManager/conf.d");
  add("/run/NetworkManager/conf.d");
  paths.emplace_back("/etc/NetworkManager/NetworkManager.conf");
  add("/etc/NetworkManager/conf.d");
  for (const auto& path : paths) {
    const auto keys = section_of(facts::readable(files, path).value_or(""), "main");
    const auto has_keyfile = [&](const char* key) {
      const auto plugins = keys.find(key);
      const auto words =
          plugins == keys.end() ? std::vector<std::string>{} : split(plugins->second, ',');
      return std::any_of(words.begin(), words.end(),
                         [](const auto& word) { return trim(word) == "keyfile"; });
    };
    const auto plugins = keys.find("plugins");
    if (plugins != keys.end()) {
      facts.without_keyfile = plugins->second.empty() || has_keyfile("plugins") ? "" : path.text();
    }
    if (has_keyfile("plugins+")) facts.without_keyfile.clear();
  }
}

void add_connections(const facts::Ports& ports, facts::Facts& facts) {
  for (const auto* place : {"/etc", "/run", "/usr/lib"}) {
    const RootedPath directory{fmt::format("{}/NetworkManager/system-connections", place)};
    for (const auto& path : facts::readable_entries(ports.files, directory, ".nmconnection")) {
      read_connection(ports.files, path, facts.connections);
    }
  }
  read_plugins(ports.files, facts);
}

}  // namespace

constinit const facts::Detector network_detectors[1] = {{add_connections}};

}  // namespace timectl::features
