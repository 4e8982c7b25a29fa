// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/files.hpp"
#include "system/install_links.hpp"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

/// What masks a unit, and what enabling it makes. Plan and apply include this.
namespace timectl::plan {

/// True when what stands at `path` hides a unit (systemd.unit(5)): a symlink that leads to
/// /dev/null or to an empty file, or an empty file. Reads no device; a link that leads nowhere, in
/// a circle or to anything else is no mask.
bool is_mask(const system::FileReader& files, const system::RootedPath& path);

/// The masks of `unit` that unmasking removes, the one that counts first.
std::vector<system::RootedPath> masks_of(const system::FileReader& files, const std::string& unit);

/// The mask that no unmasking removes, in a directory of packages or where systemd found it
/// (`fragment_path`); nullopt when there is none or a unit file stands before it.
std::optional<system::RootedPath> fixed_mask_of(const system::FileReader& files,
                                                const std::string& unit,
                                                const std::string& fragment_path);

/// What enabling `unit` makes, by its unit file and drop-ins; by the file that a mask hides where
/// there is one. Nothing when there is no file that can be read: systemd enables nothing by it
/// either.
system::InstallLinks install_links_of(const system::FileReader& files, const std::string& unit,
                                      const std::string& fragment_path);
/// The same of a unit file that is to be written, whose content is `text`.
system::InstallLinks install_links_of_text(const system::FileReader& files, const std::string& unit,
                                           const std::string& text);

/// `unit`, what is enabled with it (Also=), and what is with that; `links_of` says what each makes.
std::set<std::string> enabled_together(
    const std::string& unit,
    const std::function<system::InstallLinks(const std::string&)>& links_of);

}  // namespace timectl::plan
