// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "context.hpp"

#include <CLI/App.hpp>

#include <string>

namespace timectl::cli {

/// The exit codes of timectl(1).
enum class ExitStatus {
  done = 0,          ///< done, or in order
  not_done = 1,      ///< could not do it, nothing was changed
  usage = 2,         ///< the command line or the profile is wrong
  answer_is_no = 3,  ///< drift found, a probe failed or is pending
  restored = 4,      ///< apply failed, the previous state was restored
  incomplete = 5,    ///< apply failed and restoring was incomplete
};

/// What findings come to after a change, which is complete though something is pending: a failed
/// probe and one that could not be asked are both no yes.
inline ExitStatus status_after_change(const std::vector<probe::Finding>& findings) {
  return probe::worst(findings) >= probe::Verdict::unknown ? ExitStatus::answer_is_no
                                                           : ExitStatus::done;
}

/// The same for every other command that reports findings: what is pending is no yes, either.
inline ExitStatus status_of(const std::vector<probe::Finding>& findings) {
  for (const auto& finding : findings) {
    if (finding.verdict == probe::Verdict::pending) return ExitStatus::answer_is_no;
  }
  return status_after_change(findings);
}

/// A subcommand: one file in cli/commands, one line in the table of app.cpp.
class Command {
 public:
  virtual ~Command() = default;

  virtual std::string name() const = 0;
  virtual std::string summary() const = 0;  ///< one line of --help
  /// Adds options and positional arguments; they are bound to members of the command.
  virtual void add_options(CLI::App& app) = 0;
  /// Called after parsing, never from within it.
  virtual ExitStatus run(Context& context) = 0;
};

}  // namespace timectl::cli
