// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/trust.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace timectl::system {

namespace {

constexpr std::uint32_t root_user = 0;
constexpr std::uint32_t writable_by_others = 0022;
constexpr int most_links = 40;  // path_resolution(7)

class Check {
 public:
  Check(const FileReader& files, const RootedPath& wanted) : files_(files), wanted_(wanted) {}

  void look_at(const RootedPath& path, const FileStatus& status) const {
    const auto& ownership = status.ownership;
    if (ownership.uid != root_user) {
      refuse(path,
             fmt::format("belongs to user {}, who may have put anything there", ownership.uid),
             fmt::format("look at what is there, and if it is right: chown -h root: {}",
                         shell_quoted(files_.host_path(path))));
    }
    const bool is_link = status.type == FileType::symlink;  // its mode says nothing
    if (!is_link && (ownership.mode & writable_by_others) != 0) {
      refuse(path,
             fmt::format(
                 "can be written by other users (mode {:04o}), who may have put anything there",
                 ownership.mode),
             fmt::format("look at what is there, and if it is right: chmod go-w {}",
                         shell_quoted(files_.host_path(path))));
    }
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

/// Goes the way a component at a time. Each directory was looked at before what is in it, so
/// nothing that another user could exchange is passed.
class Way {
 public:
  Way(const FileReader& files, const RootedPath& path) : files_(files), check_(files, path) {
    add_steps(path.text());
  }

  void go() {
    if (!look()) return;
    while (!steps_.empty()) {
      const auto step = std::move(steps_.back());
      steps_.pop_back();
      if (step.empty() || step == ".") continue;
      if (step == "..") {
        place_ = place_.parent();
        continue;
      }
      const auto directory = place_;
      place_ = place_ / step;
      if (!look()) return;
      const auto target = files_.read_link(place_);
      if (!target) continue;
      if (++links_ > most_links) return;  // opening it is an error
      place_ = target->starts_with('/') ? RootedPath{"/"} : directory;
      add_steps(*target);
    }
  }

 private:
  bool look() const {
    const auto status = files_.status(place_);
    if (status) check_.look_at(place_, *status);
    return status.has_value();
  }

  void add_steps(const std::string& path) {
    const auto steps = split(path, '/');
    steps_.insert(steps_.end(), steps.rbegin(), steps.rend());
  }

  const FileReader& files_;
  Check check_;
  RootedPath place_{"/"};
  std::vector<std::string> steps_;  ///< to be taken, the next one last
  int links_ = 0;
};

void look_below(const FileReader& files, const RootedPath& directory, const Check& check) {
  for (const auto& name : files.list(directory)) {
    const auto path = directory / name;
    const auto status = files.status(path);
    if (!status) continue;
    check.look_at(path, *status);
    if (status->type == FileType::directory) {
      look_below(files, path, check);
    } else if (status->type != FileType::regular) {
      check.refuse(path, "is neither a file nor a directory, and so not timectl's",
                   fmt::format("remove it: rm {}", shell_quoted(files.host_path(path))));
    }
  }
}

}  // namespace

void require_roots_own(const FileReader& files, const RootedPath& path) {
  if (files.user() == root_user) Way{files, path}.go();
}

void require_roots_own_tree(const FileReader& files, const RootedPath& directory) {
  if (files.user() != root_user) return;
  Way{files, directory}.go();
  const auto status = files.status(directory);
  if (status) look_below(files, directory, Check{files, directory});
}

}  // namespace timectl::system
