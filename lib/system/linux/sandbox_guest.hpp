// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/sandbox.hpp"

/// The sandbox of a guest (SandboxSpec::guest): what sandbox_view.hpp does, for files and programs
/// that are not trusted. All of it throws Error, and none of it is to be called by a process that
/// is to go on.
namespace timectl::system::os {

/// Enters new namespaces in which "/" holds only what the guest may see; as root this process gives
/// up its user before that. The PID namespace begins with the next fork.
void enter_as_guest(const SandboxSpec& spec);

/// What of the view belongs to its first process: /proc, copies of the guest's files, and the files
/// of `spec`.
void build_guest_view(const SandboxSpec& spec);

/// For ever, for us and all programs started here: no terminal, no environment, no keys, no
/// capabilities but those of a daemon that opens its port, few processes, and no look into us.
void give_up_for_guest();

}  // namespace timectl::system::os
