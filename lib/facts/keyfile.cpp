// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "facts/keyfile.hpp"

#include "base/text.hpp"
#include "facts/detector.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace timectl::facts {

std::vector<KeyfileSetting> read_keyfile(const std::string& text) {
  std::vector<KeyfileSetting> settings;
  std::string section;
  std::size_t number = 0;
  for (const auto& line : lines_of(text)) {
    ++number;
    const auto bare = trim(line);
    if (bare.empty() || bare.front() == '#' || bare.front() == ';') continue;
    if (bare.front() == '[') {
      section = bare.substr(1, bare.find(']') - 1);
      continue;
    }
    const auto equals = bare.find('=');
    if (equals == bare.npos) continue;
    settings.push_back({section, std::string{trim(bare.substr(0, equals))},
                        std::string{trim(bare.substr(equals + 1))}, number, std::string{bare}});
  }
  return settings;
}

std::string value_in(const std::vector<KeyfileSetting>& settings, std::string_view section,
                     std::string_view key, const std::string& fallback) {
  const auto found =
      std::find_if(settings.rbegin(), settings.rend(), [&](const KeyfileSetting& setting) {
        return setting.section == section && setting.key == key;
      });
  return found == settings.rend() ? fallback : found->value;
}

std::vector<system::RootedPath> connection_files(const system::FileReader& files) {
  constexpr std::array copies{"~", ".swp", ".bak", ".tmp", ".orig", ".rej", ".rpmnew", ".rpmorig"};
  std::vector<system::RootedPath> found;
  for (const std::string place : {"/etc", "/run", "/usr/lib"}) {
    const system::RootedPath directory{place + "/NetworkManager/system-connections"};
    const bool by_any_name = place == "/etc";
    for (auto& path : readable_entries(files, directory, by_any_name ? "" : ".nmconnection")) {
      const auto text = path.text();
      const bool is_hidden = text[text.rfind('/') + 1] == '.';
      const bool is_copy = std::any_of(copies.begin(), copies.end(),
                                       [&](const char* suffix) { return text.ends_with(suffix); });
      if (!is_hidden && !is_copy) found.push_back(std::move(path));
    }
  }
  return found;
}

bool is_yes(std::string_view word) {
  constexpr std::array yes{"yes", "true", "1", "on", "y", "t"};
  std::string lower{word};
  for (auto& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::find(yes.begin(), yes.end(), lower) != yes.end();
}

}  // namespace timectl::facts
