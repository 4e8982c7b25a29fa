// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "facts/detector.hpp"
#include "facts/keyfile.hpp"
#include "features/network/rows.hpp"

#include <fmt/format.h>

#include <algorithm>

/// Which of its connections NetworkManager would activate by itself at a boot.
namespace timectl::features {

using facts::ManagerConnection;
using system::RootedPath;

namespace {

/// nm-settings-keyfile(5). Wired ones alone: timectl makes no other. Of other sections, which may
/// have secrets, nothing is kept.
void read_connection(const system::FileReader& files, const RootedPath& path,
                     std::vector<ManagerConnection>& found) {
  const auto settings = facts::read_keyfile(facts::readable(files, path).value_or(""));
  const auto value_of = [&](const char* key, const char* fallback = "") {
    return facts::value_in(settings, "connection", key, fallback);
  };
  const auto type = value_of("type");
  const bool is_wired = type == "ethernet" || type == "802-3-ethernet";
  if (!is_wired || !facts::is_yes(value_of("autoconnect", "true"))) return;
  found.push_back({value_of("id"), path.text(), value_of("interface-name"),
                   static_cast<int>(to_integer(value_of("autoconnect-priority")).value_or(0))});
}

bool has_keyfile(const std::string& plugins) {
  const auto words = split(plugins, ',');
  return std::any_of(words.begin(), words.end(),
                     [](const auto& word) { return trim(word) == "keyfile"; });
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
    const auto settings = facts::read_keyfile(facts::readable(files, path).value_or(""));
    const auto plugins = facts::value_in(settings, "main", "plugins");
    if (!plugins.empty()) facts.without_keyfile = has_keyfile(plugins) ? "" : path.text();
    if (has_keyfile(facts::value_in(settings, "main", "plugins+"))) facts.without_keyfile.clear();
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
