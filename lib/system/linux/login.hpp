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

/// Whether process `pid` is of a system service that is no login at a terminal, after its control
/// group. A unit with StandardInput=tty or a command behind `openvt` has a console's terminal too,
/// and no user sits there.
///
/// A login that pam_systemd knows is in a session's scope, below user.slice. Without pam_systemd it
/// stays in the group of the getty that it began from, which is a system service as any: it is told
/// by its slice, which systemd gives to each getty of a terminal, and the shells that need no login
/// by their names. A console's own unit of another name counts as no person: --confirm and the
/// prompt are left then, and to be cut off is worse.
bool is_of_service(int pid, const std::string& proc);

/// What logind says of a session. One that came over the network is none at the console, whatever
/// terminal it opens, nor is a desktop, which others may see and use (VNC), nor a cron job.
struct Session {
  std::string type;  ///< sd_session_get_type(3)
  bool is_remote = false;
};
bool is_at_terminal(const Session& session);

}  // namespace timectl::system::os
