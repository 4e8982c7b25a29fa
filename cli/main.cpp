// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "app.hpp"

#include <csignal>
#include <cstdio>

#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char** argv) {
  // A reader that goes away ("timectl facts | head") ends output, not a transaction half-way.
  std::signal(SIGPIPE, SIG_IGN);
  // A limit of file sizes (RLIMIT_FSIZE) is an error of the write that meets it: EFBIG.
  std::signal(SIGXFSZ, SIG_IGN);
  // Files and directories get their mode explicitly; what a crash leaves half made must not be
  // closed to everybody for good because root's umask was 077. Who is not root writes files of
  // their own alone.
  if (geteuid() == 0) umask(022);
  timectl::cli::Report report{stdout, stderr};
  return static_cast<int>(timectl::cli::run_timectl(argc, argv, report));
}
