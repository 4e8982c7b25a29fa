// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "context.hpp"
#include "system/lock.hpp"

#include <memory>
#include <string>

namespace timectl::cli {

/// Where the one lock of a machine is. Below /var/lib and not in /run, which a mounted card or an
/// image does not have; the kernel drops the lock with the process, so the file may stay.
inline const system::RootedPath state_lock_path{"/var/lib/timectl/lock"};

/// Takes the lock that everything which writes holds. Throws Error{busy} with the holder when that
/// is a timectl, Error{refused} when it is another program. Says on stderr whose lock was passed
/// over. Throws Error{refused} when the state directory is not root's alone.
std::unique_ptr<system::Lock> take_state_lock(Context& context);

/// Throws Error{permission} unless timectl may change this machine: the running host needs root, a
/// root directory may belong to any user. `command` is the word for the hint. Throws Error{refused}
/// when root's own state is not root's alone, before anything is planned by it.
void require_root(Context& context, const std::string& command);

}  // namespace timectl::cli
