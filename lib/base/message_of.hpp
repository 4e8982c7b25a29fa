// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <exception>
#include <string>

namespace timectl {

/// What `error` says, in words for people: "out of memory" where the standard library says
/// "std::bad_alloc", or names a function of its own because a length is beyond what it can hold.
std::string message_of(const std::exception& error);

}  // namespace timectl
