// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/linux/files_walk.hpp"

#include "base/text.hpp"
#include "system/resolve.hpp"
#include "system/trust.hpp"

#include <cerrno>
#include <climits>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace timectl::system::os {

namespace {

Ownership ownership_of(const struct stat& directory) {
  return {directory.st_mode & 07777U, directory.st_uid, directory.st_gid};
}

/// Resolved by hand, a component at a time, because no flag of openat2(2) distinguishes links of
/// root from others. Each step is a descriptor: what is renamed meanwhile leads nowhere else.
class Walk {
 public:
  Walk(Descriptor start, const std::string& start_path, const RootedPath& path)
      : target_(start_path + path.text()) {
    places_.push_back({std::move(start), start_path});
    add_steps(path.text());
  }

  Descriptor run() {
    while (!steps_.empty()) {
      const auto step = std::move(steps_.back());
      steps_.pop_back();
      if (step.empty() || step == ".") continue;
      if (step == "..") {
        if (places_.size() > 1) places_.pop_back();
      } else if (!enter(step)) {
        return {};
      }
    }
    return std::move(places_.back().descriptor);
  }

 private:
  struct Place {
    Descriptor descriptor;
    std::string path;
  };

  void add_steps(const std::string& path) {
    const auto steps = split(path, '/');
    steps_.insert(steps_.end(), steps.rbegin(), steps.rend());
  }

  bool enter(const std::string& step) {
    constexpr int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
    const auto shown = places_.back().path + "/" + step;
    Descriptor next{openat(place(), step.c_str(), flags | O_DIRECTORY)};
    if (!next && (errno == ENOTDIR || errno == ELOOP))
      return follow(Descriptor{openat(place(), step.c_str(), flags)}, shown);
    if (!next) return false;
    places_.push_back({std::move(next), shown});
    return true;
  }

  bool follow(const Descriptor& link, const std::string& shown) {
    struct stat info {};
    struct stat directory {};
    if (!link || fstat(link.get(), &info) != 0 || fstat(place(), &directory) != 0) return false;
    if (!S_ISLNK(info.st_mode) || ++links_ > most_links) {
      errno = S_ISLNK(info.st_mode) ? ELOOP : ENOTDIR;
      return false;
    }
    const auto place_of_link = ownership_of(directory);
    if (info.st_uid != 0 || !is_roots_alone(place_of_link, Reliance::own_entries)) {
      throw refused_link(target_, shown, info.st_uid, place_of_link);
    }
    std::string target(PATH_MAX, '\0');
    const auto length = readlinkat(link.get(), "", target.data(), target.size());
    if (length < 0) return false;
    target.resize(static_cast<std::size_t>(length));
    if (target.starts_with('/')) places_.erase(places_.begin() + 1, places_.end());
    add_steps(target);
    return true;
  }

  int place() const { return places_.back().descriptor.get(); }

  std::string target_;
  std::vector<Place> places_;       ///< from the start to where the walk is
  std::vector<std::string> steps_;  ///< to be taken, the next one last
  int links_ = 0;
};

}  // namespace

Descriptor walk_to_directory(Descriptor start, const std::string& start_path,
                             const RootedPath& path) {
  return start ? Walk{std::move(start), start_path, path}.run() : Descriptor{};
}

}  // namespace timectl::system::os
