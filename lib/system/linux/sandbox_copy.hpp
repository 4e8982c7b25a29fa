// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <string>
#include <string_view>

namespace timectl::system::os {

/// Files above this size are not configuration and are left out of copies.
constexpr std::size_t largest_copied_file = 4U << 20;

/// Copies what can be read from the directory `source` into the directory `target`: directories,
/// regular files and symlinks with their modes, and their owners as far as we may. What cannot be
/// read, is too large or is a device, pipe or socket is left out.
void copy_readable(const std::string& source, const std::string& target);

/// False, with errno, unless all of it was written.
bool write_all(int file, std::string_view content);

}  // namespace timectl::system::os
