// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "report.hpp"

#include <cstdio>

namespace timectl::cli {

/// While it lives, results go through a pager if standard output is a terminal: that of
/// TIMECTL_PAGER or PAGER, else less; "" and "cat" are none. As systemd has it (systemctl(1),
/// ENVIRONMENT): less gets the options FRSXMK, so that it ends by itself where all fits on a
/// screen; with privileges that the caller did not have before, it is less alone, which starts no
/// programs then (LESSSECURE).
class Pager {
 public:
  Pager(Report& report, bool is_refused);
  ~Pager();
  Pager(const Pager&) = delete;
  Pager& operator=(const Pager&) = delete;

 private:
  Report& report_;
  std::FILE* pipe_ = nullptr;
  std::FILE* before_ = nullptr;
};

}  // namespace timectl::cli
