// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "support/fake_packages.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

namespace timectl::test {

system::PackageSteps FakePackages::simulate_install(const std::vector<std::string>& names) const {
  system::PackageSteps steps;
  for (const auto& name : names) {
    if (available.count(name) == 0) {
      throw Error{ErrorKind::missing, fmt::format("cannot install '{}': not to be had", name)};
    }
    steps.install.push_back(name);
    const auto enemies = conflicts.find(name);
    if (enemies == conflicts.end()) continue;
    for (const auto& enemy : enemies->second) {
      if (present.count(enemy) != 0) steps.remove.push_back(enemy);
    }
  }
  return steps;
}

void FakePackages::keep(const std::vector<std::string>& names, const std::string& directory) {
  fuse.burn("keep packages");
  kept[directory] = names;
}

void FakePackages::install_one(const std::string& name) {
  const auto enemies = conflicts.find(name);
  if (enemies != conflicts.end()) {
    for (const auto& enemy : enemies->second) present.erase(enemy);
  }
  present[name] = "1";
  if (on_install) on_install(name);
}

void FakePackages::fetch(const std::vector<std::string>& names) {
  if (!is_offline) return;
  throw Error{ErrorKind::missing, fmt::format("cannot fetch '{}': no network", names.front())};
}

void FakePackages::install(const std::vector<std::string>& names) {
  fuse.burn("install packages");
  for (const auto& name : names) install_one(name);
}

void FakePackages::finish_interrupted() {
  fuse.burn("finish what was interrupted");
  if (is_busy) throw Error{ErrorKind::busy, "cannot finish: dpkg's lock is held"};
}

void FakePackages::put_back(const std::string& directory) {
  fuse.burn("put packages back");
  for (const auto& name : kept.at(directory)) install_one(name);
}

}  // namespace timectl::test
