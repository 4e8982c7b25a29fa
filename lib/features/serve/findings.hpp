// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/finding_row.hpp"

/// Findings about who is served.
namespace timectl::features::row {

inline constexpr probe::FindingRow ntp_access{
    .name = "ntp.access",
    .question = "Are the site's addresses served, and no others?",
    .asks =
        "Asks chronyd itself for each address of the site, and outside of it for one of the "
        "internet and one of each private range (chronyc accheck), looks through the kernel's "
        "firewall rules for UDP 123, and asks how many "
        "requests chronyd's rate limit dropped (chronyc serverstats).",
    .why =
        "A question from the server to itself passes no firewall, and 'allow' lines of several "
        "files add up: only chronyd knows which clients it answers.",
    .ok =
        "The site's addresses are allowed, those asked for outside are not, no firewall rule in "
        "sight is "
        "in the way, and not more than one request of a hundred was dropped.",
    .warning =
        "Hosts outside of the site are served, a firewall drops what no rule lets in and none "
        "names UDP 123, or "
        "the rate limit drops more than one request of a hundred: the numbers are of chronyd since "
        "its start, and chronyc -n clients shows who asks too often.",
    .failed =
        "An address of the site is not allowed, a firewall rule drops UDP 123, or chronyc is not "
        "installed.",
    .unknown = "chronyd answers this over its own socket only, which accepts only root.",
    .remedy =
        "grep -rn '^ *allow' /etc/chrony shows who is allowed, nft list ruleset which rule drops "
        "UDP 123, chronyc -n clients who asks too often.",
    .printed_by = {.verify = true},
};

}  // namespace timectl::features::row
