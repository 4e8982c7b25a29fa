// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "command.hpp"
#include "context.hpp"

namespace timectl::cli {

/// island enable: lets chronyd serve its own clock where that is validated; gives up after two
/// seconds.
ExitStatus enable_island(Context& context);

}  // namespace timectl::cli
