// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/files.hpp"

#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// Unit files by their places, as systemd.unit(5) orders them. Plan and apply include this.
namespace timectl::plan {

/// Where `systemctl mask` and `systemctl enable` put their links, and with --runtime: the only
/// places that unmasking and disabling clear.
inline constexpr std::array<std::string_view, 2> link_places{"/etc/systemd/system",
                                                             "/run/systemd/system"};

/// True when what stands at `path` hides a unit (systemd.unit(5)): a symlink that leads to
/// /dev/null or to an empty file, or an empty file. Reads no device; a link that leads nowhere, in
/// a circle or to anything else is no mask.
bool is_mask(const system::FileReader& files, const system::RootedPath& path);

/// The masks of `unit` that unmasking takes away, the one that counts first.
std::vector<system::RootedPath> masks_of(const system::FileReader& files, const std::string& unit);

/// The mask that no unmasking takes away, in a directory of packages or where systemd found it
/// (`fragment_path`); nullopt when there is none or a unit file stands before it.
std::optional<system::RootedPath> fixed_mask_of(const system::FileReader& files,
                                                const std::string& unit,
                                                const std::string& fragment_path);

/// The names of units in the lines KEY= (Also, Alias) of the unit's [Install] section; of
/// the file that a mask hides where there is one. None when there is no file that can be read:
/// systemd enables nothing by it either.
std::set<std::string> install_words(const system::FileReader& files, const std::string& unit,
                                    const std::string& fragment_path, std::string_view key);

}  // namespace timectl::plan
