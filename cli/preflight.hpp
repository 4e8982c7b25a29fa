// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "context.hpp"
#include "plan/plan.hpp"

#include <string>
#include <vector>

namespace timectl::cli {

/// Asks the daemons themselves about the files that the plan would leave, in a sandbox and before
/// anything of the plan is done: those of this host, or of packages that are downloaded for it and
/// unpacked, not installed. For a root (--root) they are its own, or those of --tools. Throws
/// Error{refused} with a daemon's own words when it would not start with its files; what could not
/// be tried hinders nothing: it is said, of a root by the notes that are returned, for the end.
std::vector<std::string> require_accepted_by_daemons(Context& context, const Site& site,
                                                     const plan::Plan& plan);

}  // namespace timectl::cli
