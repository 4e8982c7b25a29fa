// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/limits.hpp"

#include <string>
#include <vector>

namespace timectl::test {

/// The environment of process 4711, as it comes out of /proc: beyond the limit it does not.
inline std::vector<std::string> as_read(std::vector<std::string> environment) {
  std::uint64_t size = 0;
  for (const auto& entry : environment) size += entry.size() + 1;
  if (size <= system::limits::environment.bytes) return environment;
  system::throw_too_large("read '/proc/4711/environ'", system::limits::environment);
}

}  // namespace timectl::test
