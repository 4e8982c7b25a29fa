// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/files.hpp"
#include "system/rooted_path.hpp"
#include "target/target.hpp"

#include <cstdint>
#include <string>

/// What a document of the state directory says, before anything is done by it. A card brings its
/// own documents: they are held to what timectl itself writes, so that root makes nothing of them
/// that a profile could not ask for. Each throws std::out_of_range with the value: the document is
/// damaged then (json.hpp). Only apply includes this.
namespace timectl::apply {

/// Absolute, without ".." and control characters.
system::RootedPath checked_path(const std::string& text);
/// A name of one component: "old-003-hosts".
std::string checked_blob(const std::string& text);
/// "20261120T135304Z-007", or "" where there is none.
std::string checked_generation(const std::string& text);
/// systemd.unit(5): no path, no option.
std::string checked_unit(const std::string& text);
/// Debian policy 5.6.1: letters, digits and "+-." behind a first letter or digit.
std::string checked_package(const std::string& text);
/// As HostControl::checkpoint_network() returns them: an object's path on the bus, or "".
std::string checked_checkpoint(const std::string& text);
/// As the kernel has it (hostname(7)): at most 64 bytes, none of them a control character.
std::string checked_host_name(const std::string& text);
/// Its subject is a unit, or what HostControl::reload_network() takes.
target::Reaction checked_reaction(target::Reaction reaction);

/// A file's, without set-user-ID, set-group-ID and sticky bits (inode(7)), which capture refuses
/// and earlier versions recorded. No configuration file has a use for them, and root would make a
/// program of anything.
std::uint32_t checked_file_mode(std::uint32_t mode);
/// A directory's may have them, but they never come back from here: without_special_bits().
std::uint32_t checked_directory_mode(std::uint32_t mode);
system::Ownership without_special_bits(system::Ownership ownership);
/// Of a file that is to come back: devices, pipes and directories are none.
system::FileType checked_file_type(system::FileType type);

/// Whether systemd keeps links of units there: directly below one of system::link_places, or in a
/// .wants, .requires or .upholds directory of a unit there. What a document has of other places is
/// left out: 11b9d82 recorded "foo.wants" too, which systemd does not read.
bool is_link_path(const system::RootedPath& path);
bool is_link_directory(const system::RootedPath& path);

}  // namespace timectl::apply
