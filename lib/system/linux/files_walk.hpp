// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/linux/files_root.hpp"

#include <string>

namespace timectl::system::os {

/// Opens the directory at `path` below `start` (O_PATH), as root may change something in it: a
/// symlink on the way is followed only when root alone can have made it or put it there. That
/// is what fs.protected_symlinks of the kernel is for /tmp, for every directory: the owner of a
/// directory can exchange what is in it for a link to /etc at any time (proc_sys_fs(5)). Links and
/// ".." lead no higher than `start`, which messages call `start_path` ("" for the host's "/"). An
/// empty Descriptor, and errno, when it cannot be opened; throws Error{refused} that names the link
/// and its owner.
Descriptor walk_to_directory(Descriptor start, const std::string& start_path,
                             const RootedPath& path);

}  // namespace timectl::system::os
