// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/chrony_clients.hpp"
#include "system/process.hpp"

#include <vector>

namespace timectl::cli {

/// Who asked chronyd for the time since it started, this host left out. Throws Error{missing} when
/// it does not answer.
std::vector<system::ChronyClient> served_clients(const system::ProcessRunner& processes);

}  // namespace timectl::cli
