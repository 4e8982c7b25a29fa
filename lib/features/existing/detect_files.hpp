// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/files.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace timectl::features {

template <typename List>
bool begins_with_one_of(std::string_view text, const List& list) {
  return std::any_of(list.begin(), list.end(),
                     [&](std::string_view each) { return text.starts_with(each); });
}

/// A file that programs run, as it was read.
struct ScriptFile {
  system::RootedPath path;
  std::string text;
  bool is_public = false;  ///< everybody may read it
  bool is_link = false;    ///< an edit would have to go elsewhere
};

/// Files of root that programs run, each read once, within limits: 2,000 files of 1 MiB, together
/// 4 MiB.
class ScriptFiles {
 public:
  explicit ScriptFiles(const system::FileReader& files) : files_(files) {}

  /// Of a directory, by name; none where it is not there.
  std::vector<system::RootedPath> entries(const std::string& directory, std::string_view suffix);

  /// nullopt: it is not there, is another user's, was read before, or is not executable where it
  /// must be.
  std::optional<ScriptFile> open(const system::RootedPath& path, bool must_be_executable);

  /// True for a file that dpkg installed. Reads its lists, so it is for what was found.
  bool is_packaged(const std::string& path);

  /// There is more than was read; the first reason is kept.
  void miss(const std::string& why) {
    if (not_known_.empty()) not_known_ = why;
  }
  const std::string& not_known() const { return not_known_; }

  /// What was read, to read it once more.
  const std::set<std::string>& seen() const { return seen_; }
  void forget_since(std::set<std::string> seen) { seen_ = std::move(seen); }

 private:
  std::optional<system::RootedPath> file_of_root(const system::RootedPath& path) const;

  const system::FileReader& files_;
  std::string not_known_;
  std::set<std::string> seen_;
  std::size_t asked_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace timectl::features
