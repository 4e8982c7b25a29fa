// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/datagram.hpp"

#include <cstddef>
#include <vector>

namespace timectl::system::os {

/// How many sockets may be open at a time: within the limit of open files of this process.
std::size_t sockets_to_spare();

/// Carries out the exchanges with at most `sockets` of them under way at a time; the deadline of
/// an exchange runs from when it is sent.
std::vector<ExchangeResult> exchange_with_sockets(const std::vector<Exchange>& exchanges,
                                                  std::size_t sockets);

}  // namespace timectl::system::os
