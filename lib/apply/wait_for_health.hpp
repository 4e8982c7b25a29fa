// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/clock.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace timectl::apply {

/// Why a change is to be rolled back, once it has been so for longer than `patience`.
struct Reason {
  std::string text;
  std::chrono::seconds patience{10};
  std::string hint = {};  ///< a command that says more; "" when the text is enough
};

/// Asks twice a second until there is no reason any more, or one has outlasted its patience;
/// returns what there was then. Daemons need a moment to open their ports, and most back ends of
/// the network bring an address when they like. What `ask` throws ends it.
std::vector<Reason> wait_for_health(const std::function<std::vector<Reason>()>& ask,
                                    const system::Clock& clock);

}  // namespace timectl::apply
