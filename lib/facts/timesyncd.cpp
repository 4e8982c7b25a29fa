// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "facts/timesyncd.hpp"

#include "base/text.hpp"
#include "facts/detector.hpp"
#include "platform/platform.hpp"

#include <algorithm>
#include <array>
#include <functional>
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

struct Setting {
  std::string key;
  std::string value;
  std::size_t line = 0;
  std::string text;  ///< as it stands there
};

/// The settings of section [Time], as systemd reads them: blanks around "=" do not count, and "#"
/// and ";" begin a comment.
std::vector<Setting> settings_of(const std::string& text) {
  std::vector<Setting> settings;
  bool is_time = false;
  std::size_t number = 0;
  for (const auto& line : lines_of(text)) {
    ++number;
    const auto bare = trim(line);
    if (bare.empty() || bare.front() == '#' || bare.front() == ';') continue;
    if (bare.front() == '[') is_time = bare == "[Time]";
    const auto equals = bare.find('=');
    if (!is_time || equals == bare.npos) continue;
    settings.push_back({std::string{trim(bare.substr(0, equals))},
                        std::string{trim(bare.substr(equals + 1))}, number, std::string{bare}});
  }
  return settings;
}

/// "Servers" is what NTP= was called once (timesyncd-gperf.gperf).
bool names_servers(const Setting& setting) {
  return setting.key == "NTP" || setting.key == "Servers";
}

bool is_limit(const Setting& setting) {
  constexpr std::array limits{"PollIntervalMinSec", "PollIntervalMaxSec", "RootDistanceMaxSec"};
  return std::find(limits.begin(), limits.end(), setting.key) != limits.end();
}

std::optional<TimesyncdOverride> override_in(const std::string& file, const std::string& text) {
  TimesyncdOverride found{file, 0, {}};
  bool has_dropped = false;
  for (const auto& setting : settings_of(text)) {
    has_dropped = has_dropped || (names_servers(setting) && setting.value.empty());
    if (!is_limit(setting) && !(has_dropped && names_servers(setting))) continue;
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
