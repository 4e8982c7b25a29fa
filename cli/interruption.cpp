// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "interruption.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace timectl::cli {

namespace {

constexpr std::array<std::pair<int, const char*>, 3> names{
    {{SIGINT, "SIGINT"}, {SIGTERM, "SIGTERM"}, {SIGHUP, "SIGHUP"}}};

}  // namespace

// Blocked, not caught: no call fails with EINTR, and a signal that is ignored stays so.
Interruption::Interruption() {
  sigemptyset(&signals_);
  for (const auto& [signal, name] : names) sigaddset(&signals_, signal);
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
}

Interruption::~Interruption() {
  constexpr timespec at_once{};
  while (sigtimedwait(&signals_, nullptr, &at_once) > 0) continue;
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Interruption::check() const {
  sigset_t waiting;
  sigemptyset(&waiting);
  sigpending(&waiting);
  for (const auto& [signal, name] : names) {
    if (sigismember(&waiting, signal) != 1) continue;
    throw Error{ErrorKind::external, fmt::format("interrupted by {}", name)};
  }
}

}  // namespace timectl::cli
