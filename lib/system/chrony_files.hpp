// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/files.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// chronyd's configuration as chronyd reads it (chrony.conf(5), conf.c): what its include, confdir
/// and sourcedir lines bring in, in its order.
namespace timectl::system {

struct ChronyDirective {
  std::vector<std::string> words;  ///< the first in lower case: chronyd compares names so
  std::string file;
  std::size_t line = 0;
  std::string text;  ///< as it stands there, without the blanks around it
  /// In a regular file below /etc that belongs to the owner of the root directory, with no link on
  /// the way to it. Nothing else is timectl's to edit.
  bool may_be_edited = false;
  bool is_closed = false;  ///< other users may not read the file: `text` is shown nowhere
  bool is_own = false;     ///< in timectl's drop-in, or in its block of the main file
};

/// What to read, and what to look for in it.
struct ChronyPaths {
  std::string main;
  std::string own_drop_in;
  std::string own_sources;
};

struct ChronyFiles {
  bool has_main = false;
  bool may_edit_main = false;
  bool has_block = false;  ///< timectl's, in the main file
  std::vector<ChronyDirective> directives;
  /// Before which of `directives` chronyd reads timectl's drop-in, also while it is not there yet.
  /// None: it does not.
  std::vector<std::size_t> own_at;
  std::string hides_own;  ///< the file of the same name that chronyd reads in its place
  bool reads_own_sources = false;
  std::string hides_own_sources;
  std::vector<std::string> doubts;  ///< why there may be more than this: "'/x' cannot be read"
  bool lacks_permission = false;    ///< one of them is that this user may not read a file

  /// Of others, in force or not.
  std::vector<const ChronyDirective*> named(std::string_view name) const;
  bool has(std::string_view name) const { return !named(name).empty(); }
};

/// Reads what this user can read, within bounds: 200 files, 1 MiB. Throws Error{io} for a main file
/// that is none, or too large; nothing for what chronyd would refuse. `block`: as if timectl's
/// block in the main file had these lines; "" for none.
ChronyFiles read_chrony_files(const FileReader& files, const ChronyPaths& paths,
                              const std::optional<std::string>& block = std::nullopt);

}  // namespace timectl::system
