// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/files.hpp"

#include <string_view>

namespace timectl::system {

/// Makes `path` and what is missing above it (0755, root).
void ensure_directory(FileStore& files, const RootedPath& path);

/// Replaces a small file of our own as a whole and makes that durable; missing directories above
/// it are made (0755, root). Readers see the old or the new content.
void replace_file(FileStore& files, const RootedPath& path, std::string_view content);

}  // namespace timectl::system
