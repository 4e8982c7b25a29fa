// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/process.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace timectl::test {

/// Programs that are functions. A program that was not installed is missing.
class FakeProcesses : public system::ProcessRunner {
 public:
  using Program = std::function<system::CommandResult(const system::Command&)>;

  void install(const std::string& name, Program program);
  /// A program that always says this.
  void install(const std::string& name, int status, const std::string& output,
               const std::string& errors = {});

  void uninstall(const std::string& name) { programs_.erase(name); }

  /// "chronyd -p -f /etc/chrony/chrony.conf", in order.
  std::vector<std::string> commands() const;

  std::optional<std::string> find(const std::string& program) const override;
  system::CommandResult run(const system::Command& command) const override;
  /// Runs to the end at once and is found ended.
  std::unique_ptr<system::RunningProcess> start(const system::Command& command) const override;

 private:
  std::map<std::string, Program> programs_;
  mutable std::mutex mutex_;  // probes ask from several threads
  mutable std::vector<std::string> commands_;
};

}  // namespace timectl::test
