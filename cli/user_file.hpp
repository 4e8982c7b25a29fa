// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// A file of the calling user, not of the system that timectl provisions.
namespace timectl::cli {

enum class IfThere { refuse, replace };

/// Throws what write_user_file() would throw, as far as that is known without writing: before the
/// user answers questions in vain.
void require_writable(const std::string& path, IfThere if_there);

/// A new file is made as the caller, 0644 less the umask (022 for root), and what appears there
/// meanwhile is never overwritten. A file that is replaced by a rename keeps its mode, and its
/// owner and group where the caller may give them. A symlink is refused: it would go, or something
/// elsewhere would change. Directories are not made. Throws Error; then nothing has changed.
void write_user_file(const std::string& path, std::string_view content, IfThere if_there);

/// A new file of exactly this mode: other users cannot open it before it is whole. Throws Error,
/// also where there is a file or a link already; then there is no new one.
void make_user_file(const std::string& path, std::string_view content, std::uint32_t mode);

}  // namespace timectl::cli
