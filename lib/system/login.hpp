// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/address.hpp"

#include <optional>

namespace timectl::system {

/// From where the user who runs this process gives orders.
struct Login {
  /// At a terminal that no network leads to: the screen's (tty1) or a serial one.
  bool is_console = false;
  /// Where a login over the network came from, as far as it is known.
  std::optional<IpAddress> remote_host = {};
};

}  // namespace timectl::system
