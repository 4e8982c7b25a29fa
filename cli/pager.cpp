// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "pager.hpp"

#include <csignal>
#include <cstdlib>
#include <string>

#include <unistd.h>

namespace timectl::cli {

namespace {

/// By sudo, doas or a set-uid program: the pager must not give away more than the command does.
bool is_privileged() {
  return geteuid() != getuid() || std::getenv("SUDO_UID") != nullptr ||
         std::getenv("DOAS_USER") != nullptr;
}

/// "" for none.
std::string wanted_pager() {
  for (const auto* name : {"TIMECTL_PAGER", "PAGER"}) {
    const char* value = std::getenv(name);
    if (value == nullptr) continue;
    const std::string pager{value};
    if (pager.empty() || pager == "cat") return "";
    return is_privileged() ? "less" : pager;
  }
  return "less";
}

}  // namespace

Pager::Pager(Report& report, bool is_refused) : report_(report) {
  if (is_refused || isatty(STDOUT_FILENO) == 0) return;
  const auto pager = wanted_pager();
  if (pager.empty()) return;
  setenv("LESS", "FRSXMK", 0);
  if (is_privileged()) setenv("LESSSECURE", "1", 1);
  // Where there is no such program, the output is shown all the same.
  const auto command = "command -v " + pager.substr(0, pager.find(' ')) +
                       " >/dev/null 2>&1 && exec " + pager + "; exec cat";
  pipe_ = popen(command.c_str(), "w");
  if (pipe_ == nullptr) return;
  // The pager takes it as a key of its own.
  std::signal(SIGINT, SIG_IGN);
  before_ = report_.redirect(pipe_);
}

Pager::~Pager() {
  if (pipe_ == nullptr) return;
  report_.redirect(before_);
  pclose(pipe_);
  std::signal(SIGINT, SIG_DFL);
}

}  // namespace timectl::cli
