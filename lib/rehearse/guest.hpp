// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/files.hpp"
#include "system/sandbox.hpp"

#include <string>

namespace timectl::rehearse {

/// A machine that does not run: its root directory is mounted or unpacked here.
struct Guest {
  const system::FileReader& files;  ///< below its root
  system::SandboxGuest sandbox;
};

/// Makes the sandbox one of the guest. Only what is below /etc is put into it, where daemons have
/// their files: programs are not to be exchanged.
void confine(system::SandboxSpec& spec, const Guest& guest);

/// Whether the program is where every machine has its programs.
bool has_program(const system::FileReader& files, const std::string& program);

/// False for what a daemon says of its files and would say on the guest as well. True for what
/// this machine lacks, or the daemon may not do in the sandbox: a device, an interface, a file that
/// not every user may read.
bool may_be_different_there(const std::string& cause);

}  // namespace timectl::rehearse
