// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/files.hpp"
#include "system/install_section.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

/// Unit files by their places, as systemd.unit(5) orders them.
namespace timectl::system {

/// Where `systemctl mask` and `systemctl enable` put their links, and with --runtime: the only
/// places that unmasking and disabling clear.
inline constexpr std::array<std::string_view, 2> link_places{"/etc/systemd/system",
                                                             "/run/systemd/system"};

inline constexpr std::array<std::string_view, 3> package_places{
    "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"};

/// /run of a host; what a card has there is gone when it boots.
enum class RunDirectory { read, ignored };

/// The strongest first.
std::vector<RootedPath> unit_directories(RunDirectory run);

/// The drop-ins of `unit` and of its template, in the order they are read; of one name only the
/// strongest, and none where that is a link to /dev/null.
std::vector<std::string> drop_ins_of(const FileReader& files, const std::string& unit,
                                     RunDirectory run);

/// What the unit's file, whose content is `text`, and its drop-ins say of enabling it. A drop-in
/// that cannot be read counts for nothing: another user may make plans, and not read every file.
InstallSection read_install_section(const FileReader& files, const std::string& unit,
                                    const std::string& text, RunDirectory run);

}  // namespace timectl::system
