// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "support/fuse.hpp"
#include "system/packages.hpp"

#include <functional>
#include <set>

namespace timectl::test {

/// dpkg and apt in memory: packages that conflict remove each other, and what was kept can be put
/// back.
class FakePackages : public system::Packages {
 public:
  std::map<std::string, std::string> present;
  std::set<std::string> available;
  bool is_offline = false;  ///< apt knows what there is and cannot get it
  std::map<std::string, std::vector<std::string>> conflicts;  ///< symmetric: name both ways
  std::map<std::string, std::vector<std::string>> kept;       ///< by directory
  std::function<void(const std::string& name)> on_install;    ///< what a postinst does
  bool is_busy = false;                                       ///< another apt-get is at work
  Fuse fuse;

  std::map<std::string, std::string> installed() const override { return present; }
  system::PackageSteps simulate_install(const std::vector<std::string>& names) const override;
  void read_lists() override {}
  void keep(const std::vector<std::string>& names, const std::string& directory) override;
  void fetch(const std::vector<std::string>& names) override;
  void unpack(const std::vector<std::string>&, const std::string&) override {}
  void install(const std::vector<std::string>& names) override;
  void finish_interrupted() override;
  void put_back(const std::string& directory) override;

 private:
  void install_one(const std::string& name);
};

}  // namespace timectl::test
