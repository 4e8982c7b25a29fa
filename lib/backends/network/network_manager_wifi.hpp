// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "backends/network/network_backend.hpp"

/// A change of the user's own file, because that knows the network and its password.
namespace timectl::backends {

/// Gives the interface's Wi-Fi connection the address.
void add_wifi(const Assignment& wanted);

}  // namespace timectl::backends
