// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "system/limits.hpp"

#include <fmt/format.h>

namespace timectl::system {

namespace {

std::string size_of(std::uint64_t bytes) {
  if (bytes % limits::mebibyte == 0) return fmt::format("{} MiB", bytes / limits::mebibyte);
  if (bytes % limits::kibibyte == 0) return fmt::format("{} KiB", bytes / limits::kibibyte);
  return fmt::format("{} bytes", bytes);
}

}  // namespace

void throw_too_large(const std::string& what, const ReadLimit& limit, const std::string& hint) {
  throw Error{limit.kind,
              fmt::format("cannot {}: it is larger than {}, the limit for {}", what,
                          size_of(limit.bytes), limit.subject),
              hint};
}

}  // namespace timectl::system
