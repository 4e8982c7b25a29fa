// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "temporary_directory.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

namespace timectl::cli {

TemporaryDirectory::TemporaryDirectory(const std::string& purpose) {
  if (::mkdtemp(path_.data()) == nullptr) {
    throw Error{ErrorKind::io, fmt::format("cannot make a directory in /tmp for {}", purpose)};
  }
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace timectl::cli
