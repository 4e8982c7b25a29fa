// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/finding_row.hpp"

/// Findings about the controller's environment.
namespace timectl::features::row {

inline constexpr probe::FindingRow controller_environment{
    .name = "controller.environment",
    .question = "Does the controller's process have the environment that timectl set?",
    .asks =
        "Compares three things: the drop-in that the monitor wrote, the environment systemd has "
        "loaded, and that of all processes in the unit's control group (/proc/PID/environ), "
        "whatever state the unit is in. Where the profile has steps "
        "of power saving, also its POWER_LEVEL with the highest step that the error bound allows.",
    .why =
        "They are easily confused: a drop-in that was written is not in force before "
        "daemon-reload, and one in force is not in a process that was started before.",
    .ok = "All three agree, or the controller has no process and the first two do.",
    .pending =
        "The controller is being stopped, for no longer than its unit allows, and has another "
        "environment until it ends.",
    .warning =
        "The controller is not installed, is masked or has failed, systemd has not read the newest "
        "drop-in, the controller runs with another environment although the monitor restarted it, "
        "or still at a lower step than its unit has, or its main process is one that hands no "
        "environment on (su, sudo, docker).",
    .failed =
        "The unit or a process has another environment than timectl set, a drop-in of the same "
        "name in /etc hides timectl's, systemd did not do what the monitor asked, or the "
        "controller saves power at a higher step than the error bound allows.",
    .unknown =
        "Only root may read another user's process, and an environment beyond 2 MiB, or those of a "
        "unit beyond 4 MiB in all, are not read.",
    .remedy =
        "systemctl cat UNIT shows which file sets a variable; systemctl try-restart UNIT starts "
        "the controller with what is loaded.",
    .printed_by = {.verify = true, .monitor = true},
};

inline constexpr probe::FindingRow controller_hold_off{
    .name = "controller.hold_off",
    .former = "controller.calm",
    .question = "Is power saving held off because the site's server is lost repeatedly?",
    .asks =
        "Counts the losses of power saving and the restarts of the controller within an hour, "
        "and compares them with hold_off_s and restarts_per_hour of the profile and with "
        "StartLimitBurst= of the unit.",
    .why =
        "Allowing power saving and withdrawing it restarts the controller, and systemd refuses a "
        "unit that is started too often.",
    .warning = "Power saving would be allowed, and is held off for the time that is named.",
    .remedy = "journalctl -u timectl-monitor.service says what each check found.",
    .printed_by = {.monitor = true},
    .message_id = "00c913923074492e815885b4cbd5bfd4",
};

}  // namespace timectl::features::row
