// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <string>

namespace timectl::cli {

/// Of the caller alone, below /tmp, where a sandbox sees it, and the next boot takes it away should
/// this process be killed.
class TemporaryDirectory {
 public:
  /// `purpose` completes "cannot make a directory in /tmp for …". Throws Error{io}.
  explicit TemporaryDirectory(const std::string& purpose);
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/timectl-scratch.XXXXXX";
};

}  // namespace timectl::cli
