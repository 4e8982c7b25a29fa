// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/sandbox.hpp"

#include <span>

/// What the process inside a sandbox does before any work: it builds its private view of the
/// machine. All of it throws Error and none of it is to be called outside new namespaces.
namespace timectl::system::os {

/// Enters new namespaces (a user namespace too for user_namespace, where we become its root).
/// The PID namespace begins with the next fork.
void enter_namespaces(SandboxMeans means);

/// Mounts the private view: a /proc of the new PID namespace, a /dev of harmless devices, an empty
/// /run, a /tmp to write to with the host's files in sight, everything else read-only, and over
/// that the directories and files of `spec`.
///
/// A directory that the host does not have cannot be made there. It is made on a tmpfs over its
/// nearest existing parent, in which everything that the parent has is bound at its place again.
void build_view(const SandboxSpec& spec);

/// Takes away what `spec` removes, and puts its files and links into the view.
void put_files(const SandboxSpec& spec);

/// The sandbox's own loopback, up, with the addresses.
void build_network(const SandboxSpec& spec);

/// Gives up for ever, for us and all programs started here, what could reach past the view: the
/// clock, kernel modules, reboot, raw devices, and mounting itself.
void drop_capabilities();

/// Gives up for ever all capabilities but `kept`.
void keep_capabilities(std::span<const int> kept);

}  // namespace timectl::system::os
