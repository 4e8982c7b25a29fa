// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/finding_row.hpp"

/// The findings of verify about the rest of a host: DHCP, controller, monitor, network, files.
namespace timectl::probe::row {

inline constexpr FindingRow dnsmasq_config{
    .name = "dnsmasq.config",
    .question = "Does dnsmasq accept its configuration?",
    .asks = "timectl has dnsmasq read its configuration (dnsmasq --test) as its unit would.",
    .why =
        "A mistake goes unnoticed until the next restart, which then takes DHCP and DNS away from "
        "the whole site.",
    .ok = "dnsmasq accepts its configuration.",
    .failed = "dnsmasq is not installed, or refuses its configuration.",
    .unknown = "dnsmasq --test did not finish. In a rehearsal: dnsmasq is not on this machine.",
    .remedy = "Correct the line that is named; timectl provision writes timectl's own files anew.",
    .printed_by = {.verify = true, .rehearsal = true},
    .undo = Undo::when_failed,
};

inline constexpr FindingRow dhcp_ntp{
    .name = "dhcp.ntp",
    .question = "Does DHCP name the site's time servers (option 42)?",
    .asks =
        "Sends a DHCPINFORM to the host's own DHCP server, which leases nothing, and reads option "
        "42 of the answer; in each network where that answers. Reads dnsmasq's files for an option "
        "42 with a tag, which this host's request does not have.",
    .why =
        "The file may differ from what dnsmasq announces: dnsmasq reads it at its start only, and "
        "another line may take precedence.",
    .ok =
        "DHCP clients get the addresses that the profile's servers have in their network, and no "
        "others.",
    .warning = "A line with a tag gives some clients no server or other ones.",
    .failed = "No DHCP server answers, or clients get no server or other ones.",
    .unknown = "The question could not be sent.",
    .remedy =
        "systemctl restart dnsmasq.service has it read its files; grep -r dhcp-option "
        "/etc/dnsmasq* shows another option 42. timectl provision --take-over takes it out.",
    .printed_by = {.verify = true},
};

inline constexpr FindingRow dhcp_reservation{
    .name = "dhcp.reservation",
    .question = "Does DHCP reserve the time servers' addresses?",
    .asks =
        "Reads dnsmasq's files for the reservation of each time server's address, and its leases "
        "and the neighbour table for the host that has the address now.",
    .why =
        "A time server whose address was leased to a telephone is off the air, and everything on "
        "the server itself looks well.",
    .ok = "Each address is reserved once, and no other host has it.",
    .warning =
        "The address is leased, under another name: to another host, or to the server before it "
        "was provisioned. Or another MAC address than the reserved one is seen at it.",
    .failed =
        "An address is not reserved, is reserved twice (dnsmasq does not start with that), or is "
        "leased to another MAC than the server's.",
    .unknown = "The files could not be read.",
    .remedy =
        "timectl provision writes the reservations. Remove other lines for the same address, and "
        "give the server's \"mac\" in the profile.",
    .printed_by = {.verify = true},
};

inline constexpr FindingRow controller_environment{
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

inline constexpr FindingRow monitor_timer{
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
