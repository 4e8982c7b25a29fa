// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "target/target.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace timectl::test {

/// Relative path to content.
using Tree = std::map<std::string, std::string>;

/// The files of a target as they are kept: each below its path, and MANIFEST with everything about
/// them and the rest of the target that bytes do not show.
Tree to_tree(const target::Target& target);

/// A tree with one file, "REFUSED": what render said instead.
Tree refusal(const std::string& message, const std::string& hint);

/// Every regular file below the directory; none when it is missing.
Tree read_tree(const std::filesystem::path& directory);

/// Replaces the directory by the tree.
void write_tree(const std::filesystem::path& directory, const Tree& tree);

/// One line a file that is missing, too many or different (with the first line that is).
std::vector<std::string> differences(const Tree& expected, const Tree& actual);

}  // namespace timectl::test
