// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/error.hpp"
#include "system/files.hpp"
#include "system/rooted_path.hpp"

#include <cstdint>
#include <string>

/// Whether root may trust what a file says, as sshd asks of its keys (sshd_config(5), StrictModes).
///
/// A file is as trustworthy as the users who can write it: its owner, those that its mode lets
/// write (an access list shows in the group's bits, acl(5)), and the same for every directory and
/// symlink on the way to it, since who can write a directory can exchange what is in it. Only where
/// root reads and writes does this matter: another user could do by himself what that has him do.
namespace timectl::system {

/// What root wants to rely on.
enum class Reliance {
  /// That no other user put there what is there: a document, and each directory on the way to it.
  content,
  /// That no other user can exchange what root put into a directory: a symlink of root's. That
  /// holds
  /// in a directory with the sticky bit too (/tmp, /run/lock), as fs.protected_symlinks has it.
  own_entries,
};

/// Whether only root can write what has this owner and mode. Writing by a group counts whichever
/// group it is: an access list shows in the same bits (acl(5)), under any group. No usual host has
/// a link that timectl follows in such a directory: Debian's are 2775 root:staff (/usr/local,
/// /var/local) and root:mail (/var/mail), all others 0755 or sticky.
bool is_roots_alone(const Ownership& ownership, Reliance reliance);

/// Throws Error{refused} with the path and what to do when another user than root owns or may write
/// `path`, a directory or link on the way to it (inside of the root), or the root itself. What is
/// not there is fine, and so is everything for a caller that is not root.
void require_roots_own(const FileReader& files, const RootedPath& path);

/// The same of everything below `directory`, where nothing but files and directories may be: a
/// link, a device or a pipe there is refused too.
void require_roots_own_tree(const FileReader& files, const RootedPath& directory);

/// Throws Error{refused} when root may change nothing at `path`, because a symlink on the way to it
/// (inside of the root) is not root's own. The store that writes refuses it too (linux/files_walk);
/// this is for who wants to know before.
void require_roots_links(const FileReader& files, const RootedPath& path);

/// The refusal of `link`, on the way to `target`; both as the running host calls them. `directory`
/// is that of the link.
Error refused_link(const std::string& target, const std::string& link, std::uint32_t owner,
                   const Ownership& directory);

}  // namespace timectl::system
