// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/finding_row.hpp"

/// The findings of verify about time: whose it is, where it is from, who gets it.
namespace timectl::probe::row {

inline constexpr FindingRow time_quality{
    .name = "time.quality",
    .question = "What is the state of this host's time, and its error bound?",
    .asks =
        "Puts together what the daemon follows, what the site's servers say of themselves, the RTC "
        "and what is on record, and comes to one of traceable, holdover, island, rtc_only, "
        "unsynchronized and wrong. How far the clock may be from UTC and how far from the clock of "
        "the site's server are two numbers.",
    .why =
        "A site that runs on its own clock agrees to the millisecond, and may be minutes off UTC. "
        "Leap, stratum, offset and 'synchronized: yes' look the same in both cases.",
    .ok =
        "traceable: the chain to UTC is alive; or an island or rtc_only, where the profile gives "
        "the servers no sources.",
    .pending =
        "The daemon has had no sample yet and started less than two minutes ago; ten where chronyd "
        "hears a source.",
    .warning =
        "holdover: the sources were lost, the error grows and is still small; an island or "
        "rtc_only, where the servers have sources and do not hear them.",
    .failed =
        "unsynchronized: no usable time source, or an error bound over the limit; wrong: there is "
        "evidence against the clock, such as a server and a fallback that contradict each other; "
        "or a server's chronyd does not run.",
    .unknown = "The daemon could not be asked, or the RTC, which another program holds.",
    .remedy =
        "The findings of ntp.reply, chrony.sync and timesync.server say what to do. Right after a "
        "start: timectl verify --wait 10m.",
    .printed_by = {.verify = true},
};

inline constexpr FindingRow time_leap{
    .name = "time.leap",
    .question = "Is a leap second coming, and would this host know of it?",
    .asks =
        "Asks the time daemon whether it announces one; reads the table that chronyd is configured "
        "with (leapseclist, or the zone of leapsectz), else tzdata's; and compares both with what "
        "the kernel takes TAI - UTC for, where that is set.",
    .why =
        "chronyd takes a leap second from its sources or, while it is synchronized, from a table. "
        "A table is good for half a year, and chronyd goes on with one that has expired. A host "
        "that "
        "does not hear of the second is a second off afterwards, with every sign of health.",
    .ok = "The table holds for another 30 days or more, and what is announced agrees with it.",
    .warning =
        "The table expires within 30 days or has expired, cannot be read or is not there; or the "
        "daemon announces what the table does not have, or says nothing on the day for which the "
        "table has one; or a second is coming, and the host has no source to hear of it; or the "
        "kernel has another TAI - UTC.",
    .unknown = "The time daemon could not be asked.",
    .remedy = "apt-get update && apt-get install --only-upgrade tzdata brings a newer table.",
    .printed_by = {.verify = true},
};

inline constexpr FindingRow rtc_device{
    .name = "rtc.device",
    .question = "Is the RTC bound to its driver under its right name?",
    .asks =
        "Looks in sysfs for the chip of the profile: is an I2C client registered at its address, "
        "under its right name, with a driver bound and an rtcN made of it? A Pi 5's own clock "
        "is on no bus: is there an rtcN of its driver?",
    .why =
        "A chip registered as ds1307 works until the battery fails: then the kernel takes "
        "2000-01-01 for the time. i2cdetect shows UU for a right name and a wrong one alike.",
    .ok = "The chip is bound under its name and is an rtcN.",
    .pending = "The overlay was written in this boot and waits for a reboot.",
    .warning = "The host's own profile has a chip or an address that only an earlier version took.",
    .failed =
        "There is no such bus, the chip is not registered, it is registered under another name, or "
        "it does not answer.",
    .unknown = "sysfs could not be read.",
    .remedy =
        "Check wiring and power of the module (3.3 V, SDA, SCL, ground), then timectl provision "
        "and reboot. Where another chip is bound: write the one that is printed on it in the "
        "profile.",
    .printed_by = {.verify = true, .monitor = true},
};

inline constexpr FindingRow rtc_battery{
    .name = "rtc.battery",
    .question = "Is the RTC's battery low, or older than batteries last?",
    .asks =
        "Compares the date that timectl rtc battery --replaced noted with battery_years of the "
        "profile, and asks the driver (RTC_VL_READ) whether the battery is low, which few chips "
        "tell.",
    .why =
        "A DS3231 does not tell that its battery runs out. It is noticed after the power cut that "
        "the battery was for.",
    .ok = "The battery is younger than battery_years, and the chip does not call it low.",
    .warning = "The battery is battery_years old or older, or the chip says that it is low.",
    .unknown = "The note cannot be read, or its date is in the future of the system clock.",
    .remedy =
        "Replace the battery while the host runs, so that the time stays; then: timectl rtc "
        "battery --replaced. Where no date is noted: timectl rtc battery --replaced DATE.",
    .printed_by = {.verify = true, .monitor = true},
};

inline constexpr FindingRow chrony_config{
    .name = "chrony.config",
    .question = "Does chronyd accept its configuration?",
    .asks =
        "Has chronyd read its whole configuration (chronyd -p), and looks at it for what chronyd "
        "accepts there and then stops at, or should not have. Follows include, confdir and "
        "sourcedir from chrony.conf to timectl's own files. A rehearsal starts chronyd with it "
        "as well, in the sandbox.",
    .why =
        "chronyd -p accepts rtcfile beside rtcsync, with which chronyd does not start; a 'local' "
        "directive serves any time from the first second of a boot. A chrony.conf without confdir "
        "and sourcedir lines, or with port 0, leaves timectl's files without effect.",
    .ok = "chronyd accepts its configuration, and nothing in it is known to hurt.",
    .failed =
        "chronyd is missing, refuses the configuration or would not start with it, does not read "
        "timectl's files, or a directive of others is against them: port, bindaddress, "
        "binddevice, deny, bindcmdaddress, local. In a check of the monitor: chronyd served its "
        "own clock "
        "although nothing had validated it.",
    .unknown =
        "chronyd -p did not finish, printed more than timectl reads, or could not be run; or a "
        "file that chronyd reads cannot be followed. In a rehearsal: chronyd is not on this "
        "machine.",
    .remedy =
        "Correct the line that is named; timectl plan shows what differs from the profile, and "
        "timectl provision --take-over takes the line out or adds the ones that lack. Take "
        "'local' out of the files: timectl enables island mode at run time.",
    .printed_by = {.verify = true, .rehearsal = true, .monitor = true},
    .undo = Undo::when_failed,
};

inline constexpr FindingRow chrony_sync{
    .name = "chrony.sync",
    .question = "What is the state of chronyd's time, and its error bound?",
    .asks =
        "Asks chronyd for tracking and sources: reference id, stratum, age of the last correction, "
        "reach of each source, and the bound of the error.",
    .why =
        "chronyc tracking says Normal for days after the last source died, and of an island that "
        "serves the wrong year. Only reach and the age of the reference show it.",
    .ok = "chronyd follows a live source, or serves as the island that it is meant to be.",
    .pending = "It has just started, and measures its sources.",
    .warning =
        "It has followed no source for ten minutes though some answer, its source is gone, its "
        "sources disagree, an island has sources "
        "and follows none, a client follows a fallback, runs on its own clock, which is not "
        "validated "
        "for that, or is masked and will not start at the next boot.",
    .failed =
        "It does not run, has no time, its time is impossible or contradicted, or its error bound "
        "is over a second. In a check of the monitor: chronyd does not run, or did not take an "
        "order (to step, to measure anew, to enable or disable island mode).",
    .unknown = "It runs and cannot be asked: its socket accepts only root.",
    .remedy =
        "chronyc sources -v says why each source is not selected. When you know the time: timectl "
        "rtc set --time TIME.",
    .printed_by = {.verify = true, .monitor = true},
};

inline constexpr FindingRow ntp_port{
    .name = "ntp.port",
    .question = "Which process holds UDP port 123?",
    .asks =
        "Looks in the kernel's tables for the process that holds UDP port 123, and at which "
        "addresses.",
    .why =
        "A second daemon on the port takes every other request, or all of them; ping and systemctl "
        "status see nothing.",
    .ok = "chronyd alone holds it, at the address the LAN knows.",
    .failed =
        "No program holds it, another one than chronyd does, or chronyd is bound to other "
        "addresses.",
    .unknown = "Only root can see which process has the socket.",
    .remedy =
        "Disable the unit of another program that holds it. If none holds it: systemctl status "
        "chrony.service, and the allow list of the profile.",
    .printed_by = {.verify = true, .rehearsal = true},
    .undo = Undo::when_failed,
};

inline constexpr FindingRow ntp_reply{
    .name = "ntp.reply",
    .question = "What does an NTP client get from the site's servers?",
    .asks =
        "Asks the site's servers four times each over NTP, as any client would: from this host's "
        "own address if it is a server, across the LAN if it is a client. A server also asks the "
        "site's other servers, and compares their times with its own. A rehearsal asks the "
        "chronyd in its sandbox, once island mode is enabled there.",
    .why =
        "That is what the other hosts get. ping only shows that the host is up, and a reply may "
        "say that its server has no time, or be of 1986.",
    .ok = "Each server answers with a time that can be right and is within the limit.",
    .pending = "As time.quality: the host's own daemon has just started.",
    .warning =
        "A server calls itself synchronized and has not been corrected for an hour. Two servers "
        "differ by more than their error bounds and 5 ms.",
    .failed =
        "A server is silent, has no time, serves an impossible one, differs by more than the "
        "limit, wants to be asked less often (RATE), or sends nothing that can be used. In a check "
        "of the monitor: the servers could not be asked at all.",
    .unknown = "No request could be sent. In a rehearsal: chronyc is not on this machine.",
    .remedy = "On the server that is named: timectl verify. timectl probe ntp asks it from here.",
    .printed_by = {.verify = true, .rehearsal = true, .monitor = true},
};

inline constexpr FindingRow timesync_server{
    .name = "timesync.server",
    .question = "Which server does timesyncd follow, and how old is its last reply?",
    .asks =
        "Asks systemd-timesyncd over D-Bus which server it follows, and how old the last reply is. "
        "Without one it asks the site's servers for their root distance, too.",
    .why =
        "timedatectl says synchronized: yes for almost nine hours after the server died, and "
        "show-timesync freezes. Only the age of the last reply tells.",
    .ok = "It follows a server of the site, and heard of it in the last three polls.",
    .pending = "It has just started, and waits for its first reply.",
    .warning =
        "It follows a fallback, uses servers that were set at run time, or is masked and will not "
        "start at the next boot.",
    .failed =
        "It does not run, follows no server, refuses the site's for its root distance, has other "
        "servers than timectl gave it, is no longer on the system bus, or its server has gone "
        "silent or has no time. In a check of the monitor: it could not be switched back to the "
        "site's server.",
    .unknown = "It runs and cannot be asked.",
    .remedy =
        "timectl probe ntp asks the server from here; timedatectl show-timesync says which one it "
        "is.",
    .printed_by = {.verify = true, .monitor = true},
};

}  // namespace timectl::probe::row
