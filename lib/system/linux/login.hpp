// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <string>

namespace timectl::system::os {

/// Whether the terminal of process `pid`, or that of the processes it comes from, is no
/// pseudo-terminal. sudo gives its command a pseudo-terminal of its own, below the user's terminal;
/// ssh, screen and tmux start theirs from a process that has none. `proc` is where procfs is
/// mounted.
bool is_below_console(int pid, const std::string& proc);

}  // namespace timectl::system::os
