// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "target/draft.hpp"

#include <string>

/// The parts of add_address(); nobody else includes this.
namespace timectl::target {

/// A card in a reader has no interfaces to ask: then the name has to do (wlan0, wlp2s0, wlx…).
bool is_wireless(const facts::Facts& facts, const std::string& interface);

/// The file that gives `interface` the host's address, in the language of whoever is in charge of
/// the network. Throws Error{refused} when that is not known, when the interface has an address
/// from elsewhere already, or when it would be cut off.
void add_static_address(Draft& draft, const std::string& interface);

}  // namespace timectl::target
