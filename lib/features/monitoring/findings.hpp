// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/finding_row.hpp"

/// Findings about the monitor's timer.
namespace timectl::features::row {

inline constexpr probe::FindingRow monitor_timer{
    .name = "monitor.timer",
    .question = "Does the monitor run, and did it succeed last time?",
    .asks =
        "Asks systemd whether timectl-monitor.timer runs, when it elapsed last and will next, and "
        "how the last run ended.",
    .why =
        "When the checks stop, systemd withdraws power saving after some minutes, but island mode "
        "and the RTC stay as the last check left them.",
    .ok = "The timer runs, has run as often as it should, and the last run succeeded.",
    .failed =
        "It is not installed, is off or masked, has not run for three intervals, or the last run "
        "failed.",
    .unknown = "systemd could not be asked.",
    .remedy =
        "journalctl -b -u timectl-monitor.service says why a run failed; timectl provision "
        "installs the timer.",
    .printed_by = {.verify = true},
};

}  // namespace timectl::features::row
