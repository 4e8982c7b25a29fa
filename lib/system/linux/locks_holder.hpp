// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/linux/files_root.hpp"

#include <optional>
#include <string>

#include <fcntl.h>
#include <sys/types.h>

namespace timectl::system::os {

/// A process as /proc shows it.
struct Process {
  pid_t pid = 0;
  uid_t uid = 0;     ///< the real one
  std::string name;  ///< chosen by the process, made visible
};

/// The process that has the conflicting lock `conflict` (an answer of F_OFD_GETLK) on the file of
/// `descriptor`. nullopt when /proc does not show it: the process is hidden, or belongs to another
/// PID namespace, or the description that has the lock is open in no process (it waits in a
/// socket).
std::optional<Process> find_lock_holder(int descriptor, const struct flock& conflict);

/// What the holder of a lock leaves beside it for those who may not ask for the lock.
struct LockNote {
  pid_t pid = 0;
  std::string started;  ///< field 22 of /proc/PID/stat: clock ticks since boot
  std::string boot;     ///< of that boot: a card's note can be another machine's
  std::string purpose;
  std::string since;
};

/// A note of this process.
LockNote own_lock_note(const std::string& purpose);

/// Replaces the note `name` in the directory `parent`. False, and nothing stays, when it could not
/// be written.
bool write_lock_note(const Descriptor& parent, const std::string& name, const LockNote& note);

/// Empty, torn and longer notes than timectl writes are nullopt.
std::optional<LockNote> parse_lock_note(const std::string& text);

/// Is the process that wrote a note still there? A number that was given again is not it.
enum class Presence { there, gone, not_known };
Presence presence_of(const LockNote& note);

}  // namespace timectl::system::os
