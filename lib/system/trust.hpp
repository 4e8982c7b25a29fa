// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/files.hpp"
#include "system/rooted_path.hpp"

/// Whether root may go by what a file says, as sshd asks of its keys (sshd_config(5), StrictModes).
///
/// A file is as trustworthy as the users who can write it: its owner, those that its mode lets
/// write (an access list shows in the group's bits, acl(5)), and the same for every directory and
/// symlink on the way to it, since who can write a directory can exchange what is in it. Only where
/// root reads and writes does this matter: another user could do by himself what that has him do.
namespace timectl::system {

/// Throws Error{refused} with the path and what to do when another user than root owns or may write
/// `path`, a directory or link on the way to it (inside of the root), or the root itself. What is
/// not there is fine, and so is everything for a caller that is not root.
void require_roots_own(const FileReader& files, const RootedPath& path);

/// The same of everything below `directory`, where nothing but files and directories may be: a
/// link, a device or a pipe there is refused too.
void require_roots_own_tree(const FileReader& files, const RootedPath& directory);

}  // namespace timectl::system
