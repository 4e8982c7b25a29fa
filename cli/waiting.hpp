// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "context.hpp"
#include "probe/finding.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

/// `--wait TIME` of verify and provision.
namespace timectl::cli {

/// The span of `--wait`; 0 for "". Throws Error{usage}.
std::chrono::seconds parse_wait(const std::string& text);

/// Asks again every five seconds, for at most `span`, while a finding is pending that time makes ok
/// or failed. What failed, or waits for a reboot, is not waited for.
std::vector<probe::Finding> wait_for_pending(
    Context& context, std::vector<probe::Finding> findings, std::chrono::seconds span,
    const std::function<std::vector<probe::Finding>()>& ask);

}  // namespace timectl::cli
