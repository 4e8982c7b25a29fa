// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <chrono>
#include <string>

/// NetworkManager's checkpoints: its D-Bus interface org.freedesktop.NetworkManager, by the pages
/// "Types/NMCheckpointCreateFlags" and "The NetworkManager daemon" of its API reference.
namespace timectl::system::os {

/// Of all devices. "" where NetworkManager does not run. Throws Error{external} when it refuses.
std::string create_checkpoint(std::chrono::seconds span);
/// One that is unknown, because its time is over or NetworkManager was started anew, is fine.
void destroy_checkpoint(const std::string& name);

}  // namespace timectl::system::os
