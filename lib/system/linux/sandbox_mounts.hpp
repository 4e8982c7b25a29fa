// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/linux/kernel_call.hpp"

#include <string>

/// What the views of a sandbox are made of. All of it throws Error, and none of it is to be called
/// outside of a mount namespace of our own.
namespace timectl::system::os {

/// No mount of this namespace reaches another one any more. In a chroot whose "/" is no mount point
/// the process then has a copy of its mounts for its root.
void detach_mounts();

/// A tmpfs over `path`, for as much as configuration and state can need.
void mount_tmpfs(const std::string& path, unsigned mode);

/// False when nothing is at `source` (any more).
bool bind_mount(const std::string& source, const std::string& target);

/// An empty file or directory for something to be bound over.
void make_mount_point(const std::string& path, bool is_directory);

kernel::Descriptor open_directory(const std::string& path);

/// By which this process reaches what it has open, whatever is mounted over it.
std::string handle_path(const kernel::Descriptor& directory);

}  // namespace timectl::system::os
