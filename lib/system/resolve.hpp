// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/files.hpp"
#include "system/rooted_path.hpp"

#include <functional>
#include <optional>

/// Symbolic links, followed by what a FileReader says: to find out where a path leads, and through
/// what. What root writes goes another way (system/linux/files_walk), by descriptors, because a
/// path that was resolved here can lead elsewhere a moment later.
namespace timectl::system {

/// As many as the kernel follows (path_resolution(7)).
inline constexpr int most_links = 40;

/// Called with each place on the way, before what is in it; false ends the walk.
using Visit = std::function<bool(const RootedPath&)>;

/// Where `path` leads for a program whose root directory is the root: absolute, without links on
/// the way. What is not there leads to itself; nullopt for a ring of links and when `visit` ended
/// the walk.
std::optional<RootedPath> resolved(const RootedPath& path, const FileReader& files,
                                   const Visit& visit = {});

}  // namespace timectl::system
