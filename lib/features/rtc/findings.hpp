// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/finding_row.hpp"

/// Findings about the RTC.
namespace timectl::features::row {

inline constexpr probe::FindingRow rtc_time{
    .name = "rtc.time",
    .question = "Can the RTC's time be read, and is it plausible and validated?",
    .asks =
        "Reads the RTC at the edge of a second and compares it with the build date of timectl, "
        "with its own last reading and with the system clock; looks for what the kernel said of it "
        "in this boot; and how fast the RTC runs against the system clock, as the monitor learned "
        "on an island.",
    .why =
        "No time daemon checks whether an RTC is plausible. A clock with an empty battery starts "
        "in the year 2000 after a power cut, and a server hands that on with every sign of health.",
    .ok =
        "The RTC runs, its time is plausible and validated, and it agrees with the system clock to "
        "2 s.",
    .warning =
        "The RTC and the system clock are more than 2 s apart, or the RTC is not "
        "validated yet, or its battery was found empty when this host booted, or it drifts by more "
        "than the "
        "profile's drift_warn_ppm.",
    .failed =
        "The RTC lost power, cannot be read, is before what is known to have passed, or years "
        "ahead of it. In a check of the monitor: the RTC could not be set.",
    .unknown = "Only root may read it, or another program holds it.",
    .remedy = "Check the battery. Once the system clock is right: timectl rtc set --from-system.",
    .printed_by = {.verify = true, .monitor = true},
};

inline constexpr probe::FindingRow rtc_boot{
    .name = "rtc.boot",
    .question = "Did the RTC set the system clock at boot, before other services used it?",
    .asks =
        "Asks systemd whether timectl-rtc.service is enabled, ran in this boot and is ordered "
        "before the time services.",
    .why =
        "A clock that is set after chronyd started was wrong in the minutes that count: those in "
        "which the other hosts of the site boot.",
    .ok = "The unit ran in this boot, before the time services.",
    .pending = "It runs at the reboot that the host waits for.",
    .warning = "It has not run in this boot, or is not ordered before the time services.",
    .failed = "It is not installed, is disabled or masked, or failed.",
    .unknown = "systemd could not be asked.",
    .remedy =
        "timectl provision installs and enables the unit; journalctl -b -u timectl-rtc.service "
        "says why it failed.",
    .printed_by = {.verify = true},
};

inline constexpr probe::FindingRow rtc_kernel{
    .name = "rtc.kernel",
    .question = "Does the kernel read this RTC at boot and keep it set?",
    .asks =
        "Compares the chip of the profile with the RTC that the kernel is built to read at boot "
        "and to write while it is synchronized (rtc0, unless /boot/config-* says otherwise), and "
        "with the one it did read in this boot (hctosys in sysfs).",
    .why =
        "On a Pi 5 the board's own clock is rtc0 and an added RTC rtc1: the kernel reads the one "
        "without a battery at boot and keeps it set, the other drifts, and hwclock shows either.",
    .ok = "The chip of the profile is the one that the kernel reads and writes.",
    .warning = "It is another rtcN, or the kernel set the clock from another one in this boot.",
    .unknown = "sysfs could not be read.",
    .remedy =
        "On a Pi 5 put dtparam=rtc=off into config.txt, then reboot. timectl rtc show names the "
        "clocks.",
    .printed_by = {.verify = true},
};

inline constexpr probe::FindingRow rtc_adjtime{
    .name = "rtc.adjtime",
    .question = "Does the system take the RTC for UTC?",
    .asks = "Reads the third line of /etc/adjtime: UTC or LOCAL. Without the file it is UTC.",
    .why =
        "With LOCAL, hwclock, systemd and the kernel write the RTC in local time. timectl reads "
        "UTC, so that the next boot sets the clock off by the zone's offset.",
    .ok = "It is UTC.",
    .failed = "It is LOCAL.",
    .unknown = "The file could not be read.",
    .remedy =
        "Once the system clock is right: timedatectl set-local-rtc 0 && systemctl reboot. The "
        "first writes the RTC anew from the system clock, in UTC; until a reboot a kernel that was "
        "set to local time at boot goes on writing that.",
    .printed_by = {.verify = true},
};

}  // namespace timectl::features::row
