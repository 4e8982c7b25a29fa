// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace timectl::system {

/// A program to run. It is searched in a fixed path (/usr/local/sbin:…:/bin, then the tool
/// directories the adapter was given), its environment is that of timectl with LC_ALL=C.UTF-8, and
/// its standard input is `input`.
struct Command {
  std::string program;
  std::vector<std::string> arguments;
  std::string input;
  /// When this is over, the program and what it started get SIGTERM.
  std::chrono::milliseconds deadline{10'000};
  std::vector<std::pair<std::string, std::string>> environment;  ///< additions
  /// How long they have to end by themselves before SIGKILL.
  std::chrono::milliseconds grace{500};
  /// Called with each line of its standard output, while it runs: of run() alone, and no more than
  /// is kept of it.
  std::function<void(std::string_view line)> heard = {};
};

struct CommandResult {
  int status = 0;  ///< exit status; 128 + n when signal n ended it
  std::string output;
  std::string errors;
  bool timed_out = false;
  /// `output` is only its beginning: the program said more than is kept. Half an answer is none.
  bool is_cut = false;

  bool succeeded() const { return status == 0 && !timed_out && !is_cut; }
};

/// A program that runs on beside us. Destroying the object ends it (SIGTERM, then SIGKILL).
class RunningProcess {
 public:
  virtual ~RunningProcess() = default;

  /// The result, if the program has ended by itself; nullopt while it runs.
  virtual std::optional<CommandResult> poll() = 0;
  virtual CommandResult stop() = 0;
};

/// Runs programs. It can change anything, so only code that may write gets one that is not confined
/// to a sandbox; readers use it for programs that only read (chronyc, chronyd -p).
class ProcessRunner {
 public:
  virtual ~ProcessRunner() = default;

  /// The full path of the program a command would run; nullopt when it is not installed.
  virtual std::optional<std::string> find(const std::string& program) const = 0;

  /// Runs to the end or to the deadline. Throws Error{missing} when there is no such program.
  virtual CommandResult run(const Command& command) const = 0;

  /// Starts it and returns at once; the deadline is not used.
  virtual std::unique_ptr<RunningProcess> start(const Command& command) const = 0;
};

/// Runs `command` and throws unless it exits with 0 and all that it said is there: Error{timeout}
/// or Error{external} with the last line it said. `what` completes "cannot …".
CommandResult run_or_throw(const ProcessRunner& processes, const Command& command,
                           const std::string& what);

}  // namespace timectl::system
