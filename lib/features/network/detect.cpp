// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/text.hpp"
#include "facts/detector.hpp"
#include "facts/keyfile.hpp"
#include "features/network/rows.hpp"

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

void add_connections(const facts::Ports& ports, facts::Facts& facts) {
  for (const auto& path : facts::connection_files(ports.files)) {
    read_connection(ports.files, path, facts.connections);
  }
}

}  // namespace

constinit const facts::Detector network_detectors[1] = {{add_connections}};

}  // namespace timectl::features
