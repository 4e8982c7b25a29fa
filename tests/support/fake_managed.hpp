// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "plan/plan.hpp"

namespace timectl::test {

/// What a committed plan would have left behind, without a state directory.
class FakeManaged : public plan::ManagedFiles {
 public:
  std::vector<plan::ManagedFile> records;

  std::optional<std::string> last_written(const system::RootedPath& path) const override {
    const auto found = record(path);
    return found ? found->content : std::nullopt;
  }
  std::vector<system::RootedPath> paths() const override {
    std::vector<system::RootedPath> all;
    for (const auto& record : records) all.push_back(record.path);
    return all;
  }
  std::optional<plan::ManagedFile> record(const system::RootedPath& path) const override {
    for (const auto& candidate : records) {
      if (candidate.path == path) return candidate;
    }
    return std::nullopt;
  }
};

}  // namespace timectl::test
