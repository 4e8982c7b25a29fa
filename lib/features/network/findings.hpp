// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/finding_row.hpp"

/// Findings about the files of a network back end.
namespace timectl::features::row {

inline constexpr probe::FindingRow netplan_config{
    .name = "netplan.config",
    .question = "Does netplan accept its files?",
    .asks =
        "Has netplan read its files in the sandbox (netplan generate). It writes the "
        "configuration of systemd-networkd or NetworkManager there, and starts nothing.",
    .why = "netplan reads all its files together: a mistake in one of them, and it writes nothing.",
    .ok = "netplan accepts its files.",
    .failed = "netplan refuses its files, and would leave the network as it is.",
    .unknown = "netplan is not on this machine, or could not be run.",
    .remedy = "Correct the file that is named: an existing one may contradict timectl's.",
    .printed_by = {.rehearsal = true},
};

}  // namespace timectl::features::row
