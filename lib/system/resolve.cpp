// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/resolve.hpp"

#include "base/text.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace timectl::system {

namespace {

class Steps {
 public:
  explicit Steps(std::string_view path) { put_ahead(path); }

  void put_ahead(std::string_view path) {
    const auto parts = split(path, '/');
    ahead_.insert(ahead_.end(), parts.rbegin(), parts.rend());
  }

  /// The next one that is a step; nullopt at the end.
  std::optional<std::string> take() {
    while (!ahead_.empty()) {
      auto step = std::move(ahead_.back());
      ahead_.pop_back();
      if (!step.empty() && step != ".") return step;
    }
    return std::nullopt;
  }

 private:
  std::vector<std::string> ahead_;  ///< the next one last
};

}  // namespace

std::optional<RootedPath> resolved(const RootedPath& path, const FileReader& files,
                                   const Visit& visit) {
  const auto goes_on = [&](const RootedPath& place) { return !visit || visit(place); };
  RootedPath reached{"/"};
  if (!goes_on(reached)) return std::nullopt;
  Steps steps{path.text()};
  int followed = 0;
  while (const auto step = steps.take()) {
    if (*step == "..") {
      reached = reached.parent();
      continue;
    }
    const auto next = reached / *step;
    if (!goes_on(next)) return std::nullopt;
    const auto target = files.read_link(next);
    if (!target) {
      reached = next;
      continue;
    }
    if (++followed > most_links) return std::nullopt;
    if (target->starts_with('/')) reached = RootedPath{"/"};
    steps.put_ahead(*target);
  }
  return reached;
}

}  // namespace timectl::system
