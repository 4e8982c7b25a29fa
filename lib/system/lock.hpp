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

  /// Which program's lock was passed over, as a sentence; "" when none was.
  virtual std::string notice() const = 0;
};

/// Who holds a lock.
enum class LockHolder {
  none,
  timectl,    ///< or a program that could not be found: a change may be under way
  other,      ///< a program that is not timectl: there is no end to wait for
  not_known,  ///< this user may not ask
};

struct LockState {
  LockHolder holder = LockHolder::none;
  std::string sentence;  ///< who it is and since when, or why that is not known; "" for none
  std::string remedy;    ///< how `other` is ended, as a command; else ""
};

/// Locks that only the owner of their file can take. Beside each stands a note that all users may
/// read (`path`.holder: process, command, since when), because they may not ask for the lock
/// itself.
class Locks {
 public:
  virtual ~Locks() = default;

  /// Takes the lock at `path` below the root. `purpose` is what the next one hears, one line:
  /// "'timectl provision' of pi". Throws Error{busy} when a timectl holds it, Error{refused} when a
  /// program that is not timectl does, or when there is something else than the user's own file. A
  /// lock file that other users can open (earlier versions made it so) is replaced: what they hold
  /// of the old one counts no more.
  virtual std::unique_ptr<Lock> take(const RootedPath& path, const std::string& purpose) = 0;

  virtual LockState state(const RootedPath& path) const = 0;
};

}  // namespace timectl::system
