// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <csignal>

namespace timectl::cli {

/// While one exists no signal that asks timectl to end does so at once, since that would leave a
/// change half done: not SIGINT, SIGTERM, SIGHUP and SIGQUIT, nor those of timers, limits and other
/// programs whose default is to end a process. Those that report a fault of timectl's own (SIGSEGV,
/// SIGABRT, …) are left alone, and nothing keeps SIGKILL back. A signal that was ignored before
/// stays so, but for SIGXFSZ, which is ignored to have write(2) fail. A stop by the terminal
/// (SIGTSTP, SIGTTIN, SIGTTOU) takes effect when it goes: a change that stands still half-way would
/// hold the lock. Programs that are run get all signals as ever. One that comes too late to undo
/// anything is dropped: what was done is still reported.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  /// Throws Error{external} "interrupted by SIGINT" once one has come.
  void check() const;

 private:
  sigset_t ending_{};
  sigset_t before_{};
};

/// While one exists a stop by the terminal (SIGTSTP, SIGTTIN, SIGTTOU) waits: a timectl that stands
/// still would hold the lock, and leave the host half changed, for as long.
class StopsHeldBack {
 public:
  StopsHeldBack();
  ~StopsHeldBack();
  StopsHeldBack(const StopsHeldBack&) = delete;
  StopsHeldBack& operator=(const StopsHeldBack&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace timectl::cli
