// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "context.hpp"
#include "plan/plan.hpp"

#include <string>

/// Another host than the one that timectl runs on: all that is known of it are its facts, as
/// `timectl facts --json` printed them there.
namespace timectl::cli {

/// --facts.
void add_facts_option(CLI::App& app, SiteOptions& options);

/// Of the file that --facts names, "-" for standard input. Throws Error{usage}.
facts::Facts read_given_facts(Context& context, const std::string& file);

/// The plan for the host of the site's facts. With --root it is compared with the files there, a
/// copy of the host's; else with a host that has none but its packages and their daemons, which a
/// note says.
plan::Plan compare_other_host(Context& context, const Site& site);

}  // namespace timectl::cli
