// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/rooted_path.hpp"

#include <memory>
#include <string>

namespace timectl::system {

/// Held until destroyed, or until the process dies.
class Lock {
 public:
  virtual ~Lock() = default;
};

class Locks {
 public:
  virtual ~Locks() = default;

  /// Takes the lock at `path` below the root, or throws Error{busy} saying which process holds it
  /// and since when. `purpose` is what the next one is told, one line: "'timectl provision' of pi".
  virtual std::unique_ptr<Lock> take(const RootedPath& path, const std::string& purpose) = 0;
  /// Who holds it, as a sentence; "" when nobody does.
  virtual std::string holder(const RootedPath& path) const = 0;
};

}  // namespace timectl::system
