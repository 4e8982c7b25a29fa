// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/trust.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "system/resolve.hpp"

#include <fmt/format.h>

#include <string>

namespace timectl::system {

namespace {

constexpr std::uint32_t root_user = 0;
constexpr std::uint32_t writable_by_others = 0022;
constexpr std::uint32_t sticky = 01000;

class Check {
 public:
  Check(const FileReader& files, const RootedPath& wanted) : files_(files), wanted_(wanted) {}

  void check_path(const RootedPath& path, const FileStatus& status) const {
    auto ownership = status.ownership;
    if (status.type == FileType::symlink) ownership.mode = 0;  // it says nothing
    if (is_roots_alone(ownership, Reliance::content)) return;
    if (ownership.uid != root_user) {
      refuse(path,
             fmt::format("belongs to user {}, who may have put anything there", ownership.uid),
             fmt::format("look at what is there, and if it is right: chown -h root: {}",
                         shell_quoted(files_.host_path(path))));
    }
    refuse(
        path,
        fmt::format("can be written by other users (mode {:04o}), who may have put anything there",
                    ownership.mode),
        fmt::format("look at what is there, and if it is right: chmod go-w {}",
                    shell_quoted(files_.host_path(path))));
  }

  [[noreturn]] void refuse(const RootedPath& path, const std::string& why,
                           const std::string& remedy) const {
    const auto what = path == wanted_ ? std::string{"it"} : fmt::format("'{}'", path.text());
    throw Error{ErrorKind::refused,
                fmt::format("cannot trust '{}': {} {}", files_.host_path(wanted_), what, why),
                remedy};
  }

 private:
  const FileReader& files_;
  RootedPath wanted_;
};

/// Each directory is checked before what is in it, so nothing that another user could exchange is
/// passed.
void check_ancestors(const FileReader& files, const RootedPath& path, const Check& check) {
  resolved(path, files, [&](const RootedPath& place) {
    const auto status = files.status(place);
    if (status) check.check_path(place, *status);
    return status.has_value();
  });
}

void check_below(const FileReader& files, const RootedPath& directory, const Check& check) {
  for (const auto& name : files.list(directory)) {
    const auto path = directory / name;
    const auto status = files.status(path);
    if (!status) continue;
    check.check_path(path, *status);
    if (status->type == FileType::directory) {
      check_below(files, path, check);
    } else if (status->type != FileType::regular) {
      check.refuse(path, "is neither a file nor a directory, and so not timectl's",
                   fmt::format("remove it: rm {}", shell_quoted(files.host_path(path))));
    }
  }
}

}  // namespace

bool is_roots_alone(const Ownership& ownership, Reliance reliance) {
  if (ownership.uid != root_user) return false;
  if ((ownership.mode & writable_by_others) == 0) return true;
  return reliance == Reliance::own_entries && (ownership.mode & sticky) != 0;
}

void require_roots_own(const FileReader& files, const RootedPath& path) {
  if (files.user() == root_user) check_ancestors(files, path, Check{files, path});
}

void require_roots_own_tree(const FileReader& files, const RootedPath& directory) {
  if (files.user() != root_user) return;
  const Check check{files, directory};
  check_ancestors(files, directory, check);
  if (files.status(directory)) check_below(files, directory, check);
}

void require_roots_links(const FileReader& files, const RootedPath& path) {
  if (files.user() != root_user) return;
  resolved(path.parent(), files, [&](const RootedPath& place) {
    const auto status = files.status(place);
    if (!status || status->type != FileType::symlink) return status.has_value();
    const auto directory = files.status(place.parent());
    const auto owner = status->ownership.uid;
    const bool is_roots = owner == root_user && directory &&
                          is_roots_alone(directory->ownership, Reliance::own_entries);
    if (is_roots) return true;
    throw refused_link(files.host_path(path), files.host_path(place), owner,
                       directory ? directory->ownership : Ownership{});
  });
}

Error refused_link(const std::string& target, const std::string& link, std::uint32_t owner,
                   const Ownership& directory) {
  const bool is_in_safe_place = is_roots_alone(directory, Reliance::own_entries);
  const auto why =
      is_in_safe_place
          ? fmt::format("the link '{}' belongs to uid {}", link, owner)
          : fmt::format("the link '{}' is not in a directory of root alone (uid {}, mode {:04o})",
                        link, directory.uid, directory.mode);
  return {
      ErrorKind::refused,
      fmt::format("cannot change '{}': {}, and root does not follow it", target, why),
      is_in_safe_place
          ? fmt::format("if it leads where it should: chown -h root: {}", shell_quoted(link))
          : fmt::format("put a directory in its place: rm {0} && mkdir {0}", shell_quoted(link))};
}

}  // namespace timectl::system
