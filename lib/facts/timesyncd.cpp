// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "facts/timesyncd.hpp"

#include "base/text.hpp"
#include "facts/detector.hpp"
#include "facts/keyfile.hpp"
#include "platform/platform.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace timectl::facts {

namespace {

constexpr std::string_view own_name = "50-timectl.conf";

/// The files that count, by their names.
std::map<std::string, std::string> drop_ins(const system::FileReader& files) {
  std::map<std::string, std::string> paths;
  for (const std::string directory : platform::timesync::drop_in_directories) {
    for (const auto& path : readable_entries(files, system::RootedPath{directory}, ".conf")) {
      paths.try_emplace(path.text().substr(directory.size() + 1), path.text());
    }
  }
  return paths;
}

std::vector<KeyfileSetting> settings_of(const std::string& text) {
  auto settings = read_keyfile(text);
  std::erase_if(settings, [](const KeyfileSetting& each) { return each.section != "Time"; });
  return settings;
}

/// "Servers" is what NTP= was called once (timesyncd-gperf.gperf).
bool names_servers(const KeyfileSetting& setting) {
  return setting.key == "NTP" || setting.key == "Servers";
}

bool is_limit(const KeyfileSetting& setting) {
  constexpr std::array limits{"PollIntervalMinSec", "PollIntervalMaxSec", "RootDistanceMaxSec"};
  return std::find(limits.begin(), limits.end(), setting.key) != limits.end();
}

std::optional<TimesyncdOverride> override_in(const std::string& file, const std::string& text) {
  TimesyncdOverride found{file, 0, {}, false};
  bool has_dropped = false;
  for (const auto& setting : settings_of(text)) {
    has_dropped = has_dropped || (names_servers(setting) && setting.value.empty());
    if (!is_limit(setting) && !(has_dropped && names_servers(setting))) continue;
    found.replaces_servers = found.replaces_servers || has_dropped;
    if (found.line == 0) found.line = setting.line;
    found.lines.push_back(setting.text);
  }
  return found.lines.empty() ? std::nullopt : std::optional{std::move(found)};
}

}  // namespace

std::vector<TimesyncdOverride> timesyncd_overrides(const system::FileReader& files) {
  std::vector<TimesyncdOverride> overrides;
  for (const auto& [name, path] : drop_ins(files)) {
    if (name <= own_name) continue;
    const auto text = readable(files, system::RootedPath{path}).value_or("");
    if (auto found = override_in(path, text)) overrides.push_back(*std::move(found));
  }
  return overrides;
}

std::vector<std::string> timesyncd_own_servers(const system::FileReader& files) {
  std::vector<std::string> servers;
  const auto text = readable(files, system::RootedPath{platform::timesync::own_drop_in});
  for (const auto& setting : settings_of(text.value_or(""))) {
    if (setting.key == "NTP") servers = words_of(setting.value);
  }
  return servers;
}

}  // namespace timectl::facts
