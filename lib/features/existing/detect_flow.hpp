// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "features/existing/detect_commands.hpp"

namespace timectl::features {

/// How far a script comes on a host with systemd: what Debian's scripts leave to it they do not do
/// themselves ("if [ -e /run/systemd/system ]; then exit 0; fi").
class ScriptFlow {
 public:
  /// Whether `command`, the next one of the script, can run.
  bool reaches(const ShellCommand& command);
  bool is_over() const { return is_over_; }
  /// In no "if", loop or function.
  bool is_at_top() const { return depth_ == 0; }

 private:
  enum class Asks { nothing, with_systemd, without_systemd };

  void read_structure(std::string_view first);
  static Asks asked_by(const std::vector<std::string>& words);
  bool is_passed_over(const ShellCommand& command) const;

  int depth_ = 0;
  Asks asks_ = Asks::nothing;
  bool is_for_others_ = false;
  bool is_over_ = false;
};

}  // namespace timectl::features
