// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "facts/facts.hpp"

#include <vector>

/// For tests.
namespace timectl::features {

/// Cards that earlier provisions recorded, then those in the neighbour table (`network` may be
/// nullptr), then those in dnsmasq's leases. What is no whole MAC is left out.
std::vector<facts::Card> find_cards(const system::FileReader& files,
                                    const system::Network* network);

}  // namespace timectl::features
