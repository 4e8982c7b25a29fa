// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "interruption.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <string>

namespace timectl::cli {

namespace {

/// signal(7), those whose default action is to end the process, in the order they are named when
/// several wait. SIGPIPE is ignored from the start (main).
constexpr std::array ending{SIGINT,    SIGTERM, SIGHUP,  SIGQUIT, SIGALRM, SIGUSR1,   SIGUSR2,
                            SIGVTALRM, SIGPROF, SIGXCPU, SIGXFSZ, SIGIO,   SIGSTKFLT, SIGPWR};

// A blocked signal waits even where it is ignored (kernel/signal.c, sig_ignored): what nohup(1) and
// shells ignore must not be blocked, or it would end the change after all.
bool is_ignored(int signal) {
  struct sigaction action {};
  return signal != SIGXFSZ && sigaction(signal, nullptr, &action) == 0 &&
         action.sa_handler == SIG_IGN;
}

std::string signal_name(int signal) {
  if (signal >= SIGRTMIN) return fmt::format("SIGRTMIN+{}", signal - SIGRTMIN);
  const char* const name = sigabbrev_np(signal);
  return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", signal);
}

}  // namespace

// Blocked, not caught: no call fails with EINTR.
Interruption::Interruption() {
  sigemptyset(&ending_);
  const auto add = [&](int signal) {
    if (!is_ignored(signal)) sigaddset(&ending_, signal);
  };
  for (const int signal : ending) add(signal);
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) add(signal);
  pthread_sigmask(SIG_BLOCK, &ending_, &before_);
}

Interruption::~Interruption() {
  constexpr timespec at_once{};
  while (sigtimedwait(&ending_, nullptr, &at_once) > 0) continue;
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Interruption::check() const {
  sigset_t waiting;
  sigemptyset(&waiting);
  sigpending(&waiting);
  const auto has_come = [&](int signal) {
    return sigismember(&waiting, signal) == 1 && sigismember(&ending_, signal) == 1;
  };
  const auto end = [](int signal) {
    throw Error{ErrorKind::external, fmt::format("interrupted by {}", signal_name(signal))};
  };
  for (const int signal : ending) {
    if (has_come(signal)) end(signal);
  }
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) {
    if (has_come(signal)) end(signal);
  }
}

StopsHeldBack::StopsHeldBack() {
  sigset_t stopping;
  sigemptyset(&stopping);
  for (const int signal : {SIGTSTP, SIGTTIN, SIGTTOU}) sigaddset(&stopping, signal);
  pthread_sigmask(SIG_BLOCK, &stopping, &before_);
}

StopsHeldBack::~StopsHeldBack() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

}  // namespace timectl::cli
