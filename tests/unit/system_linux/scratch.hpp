// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/error.hpp"
#include "system/process.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace timectl::test {

/// A directory of its own for one test. It goes with the test, unless an exception passes by.
class Scratch {
 public:
  Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();

  std::string path() const { return directory_.string(); }
  std::filesystem::path operator/(const std::string& name) const { return directory_ / name; }
  /// A file with its parent directories.
  void put(const std::string& name, const std::string& content) const;
  void link(const std::string& name, const std::string& target) const;
  std::string content(const std::string& name) const;

 private:
  std::filesystem::path directory_;
  int exceptions_;
};

/// Answers for every program, and remembers what it was asked to run.
class ScriptedProcesses : public system::ProcessRunner {
 public:
  using Answer = std::function<system::CommandResult(const system::Command&)>;

  explicit ScriptedProcesses(Answer answer) : answer_(std::move(answer)) {}

  std::optional<std::string> find(const std::string& program) const override;
  system::CommandResult run(const system::Command& command) const override;
  std::unique_ptr<system::RunningProcess> start(const system::Command& command) const override;

  /// "program argument argument" of each run.
  const std::vector<std::string>& runs() const { return runs_; }
  void remove_program(const std::string& program) { missing_ = program; }

 private:
  Answer answer_;
  std::string missing_;
  mutable std::vector<std::string> runs_;
};

/// The kind and message of the Error that `work` throws.
struct Thrown {
  ErrorKind kind = ErrorKind::usage;
  std::string message = "nothing was thrown";
  std::string hint;
};
Thrown error_of(const std::function<void()>& work);

}  // namespace timectl::test
