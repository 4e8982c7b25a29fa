// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <string_view>

namespace timectl {

/// A file of the source tree that was compiled into the binary: timectl is one file that works on
/// a bare Pi. The views live as long as the program.
struct EmbeddedFile {
  std::string_view path;  ///< below the directory that was embedded
  std::string_view content;
};

}  // namespace timectl
