// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/finding_row.hpp"

/// The findings of verify about the rest of a host: DHCP, controller, monitor, network, files.
namespace timectl::probe::row {

inline constexpr FindingRow network_address{
    .name = "network.address",
    .question = "Does the interface have the address that the site knows?",
    .asks =
        "Looks in the kernel whether the interface of the profile has the host's static address, "
        "and names the network back end when it does not. A rehearsal skips it where the address "
        "cannot be configured on this machine.",
    .why =
        "A file of the network back end is no address yet: another file may win, and a host "
        "without its address neither serves nor receives time while everything on it runs.",
    .ok = "The interface has the address.",
    .warning = "The interface is up without a carrier: some get their address only with one.",
    .failed = "The interface has another address or is not there.",
    .unknown = "The kernel's tables could not be asked.",
    .remedy =
        "The finding names where the network's software says why: networkctl status, nmcli device "
        "show, or its journal.",
    .printed_by = {.verify = true, .rehearsal = true},
    .undo = Undo::when_failed,
};

inline constexpr FindingRow owners{
    .name = "owners",
    .question = "Does another program set this clock or hold its port?",
    .asks =
        "Looks for other programs that set this clock or hold its port: other time daemons, "
        "fake-hwclock, agents of a virtual machine's host; for commands that set it (hwclock -s, "
        "ntpdate, date -s and others) in enabled units, /etc/rc.local, root's cron jobs, udev "
        "rules, network hooks and the scripts that these run; and for a second back end of the "
        "network.",
    .why =
        "Two programs on one clock fight, and each of them looks healthy. A command that sets the "
        "clock from an RTC that lost its time undoes what the daemon measured.",
    .ok =
        "No other program was found that sets this clock. The evidence looked_at has where timectl "
        "looked.",
    .warning =
        "A command sets the clock too: the finding has its file and line, the evidence setters all "
        "of them. Or a guest agent may set it too, or two network back ends are active.",
    .failed = "Another daemon runs or is enabled, or a foreign program holds port 123.",
    .unknown = "systemd or the kernel's tables could not be asked.",
    .remedy =
        "Disable the other one: systemctl disable --now UNIT. Take a command out of its file: "
        "timectl does not edit what a user wrote.",
    .printed_by = {.verify = true},
    .undo = Undo::when_failed,
};

inline constexpr FindingRow files_drift{
    .name = "files.drift",
    .question = "Do the managed files match their targets?",
    .asks = "Renders the profile anew and compares the result with the managed files.",
    .why =
        "A file that was edited by hand works until timectl provisions again, or fails for a "
        "reason that is hard to find.",
    .ok = "Every managed file matches its target.",
    .failed = "A file is edited, missing, outdated or was not written by timectl.",
    .unknown =
        "The target could not be rendered, or this user may not read a file, which is named; every "
        "other one matches.",
    .remedy = "timectl plan shows the difference, timectl provision puts it right.",
    .printed_by = {.verify = true},
    .undo = Undo::when_failed,
};

}  // namespace timectl::probe::row
