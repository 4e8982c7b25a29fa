// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/files.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace timectl::facts {

/// "key = value" of a file with [sections]: systemd's (systemd.syntax(7)), NetworkManager's
/// (nm-settings-keyfile(5)) and, as far as single words go, TOML. Blanks around "=" do not count,
/// "#" and ";" begin a comment.
struct KeyfileSetting {
  std::string section;  ///< "" before the first one
  std::string key;
  std::string value;
  std::size_t line = 0;
  std::string text;  ///< as it stands there, without the blanks around it
};

std::vector<KeyfileSetting> read_keyfile(const std::string& text);

/// The last one counts; `fallback` where there is none.
std::string value_in(const std::vector<KeyfileSetting>& settings, std::string_view section,
                     std::string_view key, const std::string& fallback = "");

/// NetworkManager's connections (nm-settings-keyfile(5)): in /etc by any name but those of editors'
/// and package managers' copies, elsewhere with the suffix (nm_keyfile_utils_ignore_filename()).
std::vector<system::RootedPath> connection_files(const system::FileReader& files);

/// What systemd takes for true (parse_boolean), in any case; NetworkManager and cloud-init know a
/// part of it.
bool is_yes(std::string_view word);

}  // namespace timectl::facts
