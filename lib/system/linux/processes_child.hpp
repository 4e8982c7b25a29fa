// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/linux/files_root.hpp"
#include "system/process.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace timectl::system::os {

/// What a Command becomes: where the program is and all of its environment.
struct Launch {
  std::string path;
  std::vector<std::string> arguments;  ///< the program's name first
  std::vector<std::string> environment;
  std::string input;
};

/// A running program in a process group of its own, with the pipes to it. Its output is kept up
/// to 16 MiB a stream; what comes after that is read and dropped, so that it can go on.
class Child {
 public:
  /// Throws Error{missing, permission or io} when it cannot be started.
  explicit Child(const Launch& launch);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  /// Ends what still runs.
  ~Child();

  /// Feeds and drains the pipes until the program has ended or `until` has come. True when it has
  /// ended.
  bool pump(std::chrono::steady_clock::time_point until);
  /// SIGTERM to the whole group, and SIGKILL to what is left of it after `grace`.
  void end(std::chrono::milliseconds grace);
  /// What it said on standard output until now.
  std::string_view output() const { return output_.text; }
  /// The result, once it has ended.
  CommandResult take_result();

 private:
  struct Stream {
    Descriptor pipe;
    std::string text;
    bool is_cut = false;
  };

  void wait_for_events(std::chrono::steady_clock::time_point until);
  void feed();
  static void drain(Stream& stream);
  void drain_the_rest();
  bool has_ended();
  void reap();

  pid_t pid_ = -1;
  Descriptor ended_;  ///< a pidfd: readable when the program has ended
  Descriptor stdin_;
  std::string input_;
  std::size_t fed_ = 0;
  Stream output_;
  Stream errors_;
  std::optional<int> status_;
};

}  // namespace timectl::system::os
