// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace timectl::cli {

/// What goes on while one waits: on a terminal one line that is drawn anew, with a bar where it is
/// known how far it is; elsewhere a line now and then, so that a log stays short.
class Progress {
 public:
  explicit Progress(std::FILE* stream);

  /// The line for a log, if it is time for one; nullopt where it was drawn, or not yet.
  /// `visible_step` has nothing in it that a terminal acts upon.
  std::optional<std::string> show(std::string_view visible_step, std::optional<int> percent);
  /// Takes the line away: something else is about to be written.
  void clear();

 private:
  std::FILE* stream_;
  bool is_terminal_;
  bool is_drawn_ = false;
  std::optional<std::chrono::steady_clock::time_point> logged_ = {};
};

}  // namespace timectl::cli
