// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/finding_row.hpp"

/// The findings of a rehearsal that verify does not have: these questions make sense before the
/// files are in place.
namespace timectl::rehearse::row {

inline constexpr probe::FindingRow island_disabled_at_start{
    .name = "island.disabled_at_start",
    .former = "chrony.unarmed",
    .question = "Does chronyd serve no time until island mode is enabled?",
    .asks =
        "Starts the real chronyd in the sandbox, where it cannot touch the clock (chronyd -x), "
        "and asks it over NTP before island mode is enabled.",
    .why =
        "A 'local' directive in a file serves any time from the first second of a boot. A server "
        "whose time neither sources nor an RTC validated must say that it is not synchronized.",
    .ok = "chronyd answers that it is not synchronized.",
    .failed = "chronyd claims to be synchronized: a file of chrony has a 'local' directive.",
    .unknown = "chronyd did not answer before island mode was enabled.",
    .remedy =
        "Remove the directive, timectl enables island mode at run time: grep -rn '^ *local' "
        "/etc/chrony. If chronyd did not answer, see ntp.reply.",
    .printed_by = {.rehearsal = true},
};

inline constexpr probe::FindingRow ntp_allow{
    .name = "ntp.allow",
    .question = "Does chronyd leave clients outside of the allow list without an answer?",
    .asks =
        "Asks the real chronyd in the sandbox over NTP from an address that is not in the allow "
        "list of the profile. Not asked where the list allows every address.",
    .why =
        "'allow' lines of several files add up: one in a file that timectl does not manage can "
        "serve the whole Internet, and chronyd -p accepts it.",
    .ok = "The address outside of the list gets no answer, and one of the list does.",
    .failed = "The address outside of the list gets an answer.",
    .unknown = "The request did not reach chronyd, or the allowed address got no answer either.",
    .remedy =
        "Look for another 'allow' directive: grep -rn '^ *allow' /etc/chrony. If nothing was "
        "answered, see ntp.reply.",
    .printed_by = {.rehearsal = true},
};

inline constexpr probe::FindingRow units_config{
    .name = "units.config",
    .question = "Does systemd accept the units?",
    .asks =
        "Has systemd-analyze verify the units of the target in the sandbox, and the existing "
        "units that the target has drop-ins for. Skipped where there is none to verify.",
    .why =
        "systemd ignores a setting that it does not know: a unit with a misspelled one starts "
        "without it.",
    .ok = "systemd-analyze finds no fault with them.",
    .failed = "systemd-analyze complains about a unit or a drop-in of the target.",
    .unknown =
        "systemd-analyze is not on this machine, did not finish, or could not work in the "
        "sandbox.",
    .remedy = "Correct the template, or the value of the profile that is named.",
    .printed_by = {.rehearsal = true},
};

}  // namespace timectl::rehearse::row
