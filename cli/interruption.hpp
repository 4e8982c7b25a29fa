// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <csignal>

namespace timectl::cli {

/// While one exists SIGINT, SIGTERM and SIGHUP do not end timectl: they would leave a change half
/// done. Programs that are run get them as ever. One that comes too late to undo anything is
/// dropped: what was done is still reported.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  /// Throws Error{external} "interrupted by SIGINT" once one has come.
  void check() const;

 private:
  sigset_t signals_{};
  sigset_t before_{};
};

}  // namespace timectl::cli
