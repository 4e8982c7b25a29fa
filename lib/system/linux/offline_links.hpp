// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/linux/offline_units.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace timectl::system::os {

/// Enables, disables and masks units of a root that does not run: makes and removes the links that
/// `systemctl --root` would (systemd's src/shared/install.c), all of them by way of `files`, so
/// that no link of the root's own leads out of it. systemctl follows such links.
///
/// As there, a word of an [Install] section that cannot be used is passed over, and so is what
/// Also= names and is not there or masked. What systemctl then ends with is status 1 and the other
/// links: here that is no error, because a transaction would take the links away again. The plan
/// names such words in a note.
///
/// Everything is checked before the first link changes: a call that throws Error{missing or
/// refused} has changed nothing. Like systemd's, the links are not durable when it returns
/// (apply::sync_links).
class OfflineLinks {
 public:
  /// `root` is only shown.
  OfflineLinks(FileStore& files, std::string root)
      : files_(files), units_(files), root_(std::move(root)) {}

  /// Throws Error{refused} when the unit asks for links and can have none of them.
  void enable(const std::string& unit);
  /// A unit that is not there loses the links of its name; one that is masked keeps all.
  void disable(const std::string& unit);
  void mask(const std::string& unit);
  void unmask(const std::string& unit);

 private:
  struct Link {
    std::string target;
    bool may_replace = false;  ///< another link; a file never
  };
  using Links = std::map<RootedPath, Link>;
  enum class Part { asked_for, auxiliary };

  void collect(const std::string& unit, Part part, std::set<std::string>& seen, Links& links);
  void add_names(const std::string& unit, std::set<std::string>& names) const;

  /// Whether the link has to be made. Throws when it cannot be.
  bool is_needed(const RootedPath& path, const Link& link) const;
  void check_directory(const RootedPath& path) const;
  void make(const RootedPath& path, const Link& link);

  bool remove_links(const RootedPath& directory, const std::set<std::string>& names,
                    std::set<RootedPath>& gone, int depth);
  bool leads_to(const RootedPath& link, const std::set<std::string>& names,
                const std::set<RootedPath>& gone) const;
  bool is_mask(const RootedPath& path) const;

  [[noreturn]] void refuse(const std::string& reason, const std::string& hint = {}) const;
  std::string removal_of(const RootedPath& path) const;

  FileStore& files_;
  OfflineUnits units_;
  std::string root_;
  std::vector<std::string> unusable_;  ///< what the units ask for and cannot have
  std::string what_;  ///< "enable 'a.service' below '/mnt'": what an error could not do
};

}  // namespace timectl::system::os
