// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "probe/explain.hpp"

/// The words of timectl explain and of timectl-probes(7), beside the table of the probes.
namespace timectl::probe {

namespace {

constexpr Explanation explanations[]{
    {.probe = "time.quality",
     .asks = "Puts together what the daemon follows, what the site's servers say of themselves, "
             "the RTC and what is on record, and comes to one of traceable, holdover, island, "
             "rtc_only, unsynchronized and wrong. How far the clock may be from UTC and how far "
             "from the clock of the site's server are two numbers.",
     .why = "A site that runs on its own clock agrees to the millisecond, and may be minutes off "
            "UTC. Leap, stratum, offset and 'synchronized: yes' look the same in both cases.",
     .ok = "traceable: the chain to UTC is alive; or an island, where the profile gives the "
           "server no sources.",
     .warning = "holdover: the sources were lost, the error grows and is still small; an island "
                "or rtc_only, where the servers have sources and do not hear them; or the daemon "
                "has just started.",
     .failed = "unsynchronized: nobody's time, or it may be off by more than the limit; wrong: "
               "there is evidence against the clock, such as a server and a fallback that "
               "contradict each other; or a server's chronyd does not run.",
     .unknown = "The daemon could not be asked, or the RTC, which another program holds."},
    {.probe = "rtc.device",
     .asks = "Looks in sysfs for the chip of the profile: is an I2C client registered at its "
             "address, under its right name, with a driver bound and an rtcN made of it?",
     .why = "A chip registered as ds1307 works until the battery fails: then the kernel takes "
            "2000-01-01 for the time. i2cdetect shows UU for a right name and a wrong one alike.",
     .ok = "The chip is bound under its name and is an rtcN.",
     .warning = "The overlay is in the boot configuration and waits for a reboot.",
     .failed = "There is no such bus, nobody registered the chip, it is registered under "
               "another name, or it does not answer.",
     .unknown = "sysfs could not be read."},
    {.probe = "rtc.time",
     .asks =
         "Reads the RTC at the edge of a second and compares it with the build date of "
         "timectl, with its own last reading and with the system clock; reads the battery's "
         "state where the driver has it, and what the kernel said of it in this boot; and how fast "
         "the RTC runs against the system clock, as the monitor learned on an island.",
     .why = "No time daemon doubts an RTC. A clock with an empty battery starts in the year 2000 "
            "after a power cut, and a server hands that on with every sign of health.",
     .ok = "The RTC runs, its time is believed, and it agrees with the system clock to 2 s.",
     .warning = "The RTC and the system clock are more than 2 s apart, or nobody has vouched for "
                "the RTC yet, or its battery is low or was found empty when this host booted, or "
                "it runs off by more than a DS3231 can.",
     .failed = "The RTC lost power, cannot be read, or is before what is known to have passed.",
     .unknown = "Only root may read it, or another program holds it."},
    {.probe = "rtc.boot",
     .asks = "Asks systemd whether timectl-rtc.service is enabled, ran in this boot and is "
             "ordered before the time services.",
     .why = "A clock that is set after chronyd started was wrong in the minutes that count: those "
            "in which the other hosts of the site boot.",
     .ok = "The unit ran in this boot, before the time services.",
     .warning = "It has not run in this boot, or is not ordered before the time services.",
     .failed = "It is not installed, is disabled or masked, or failed.",
     .unknown = "systemd could not be asked."},
    {.probe = "rtc.kernel",
     .asks = "Compares the chip of the profile with the RTC that the kernel is built to read at "
             "boot and to write while it is synchronised (rtc0, unless /boot/config-* says "
             "otherwise), and with the one it did read in this boot (hctosys in sysfs).",
     .why = "On a Pi 5 the board's own clock is rtc0 and an added DS3231 rtc1: the one without a "
            "battery is read at boot and kept right, the other drifts, and hwclock shows either.",
     .ok = "The chip of the profile is the one that the kernel reads and writes.",
     .warning = "It is another rtcN, or the kernel set the clock from another one in this boot.",
     .failed = "",
     .unknown = "sysfs could not be read."},
    {.probe = "chrony.config",
     .asks = "Has chronyd read its whole configuration (chronyd -p), and looks at it for what "
             "chronyd accepts there and then stops at, or should not have.",
     .why = "chronyd -p says yes to rtcfile beside rtcsync, with which chronyd does not start; a "
            "'local' directive serves any time from the first second of a boot.",
     .ok = "chronyd accepts its configuration, and nothing in it is known to hurt.",
     .warning = "",
     .failed = "chronyd is missing, refuses the configuration or would not start with it, or a "
               "'local' directive stands in its files.",
     .unknown = "chronyd -p did not finish, or could not be run."},
    {.probe = "chrony.sync",
     .asks = "Asks chronyd for tracking and sources: reference id, stratum, age of the last "
             "correction, reach of each source, and the bound of the error.",
     .why = "chronyc tracking says Normal for days after the last source died, and of an island "
            "that serves the wrong year. Reach and the age of the reference tell.",
     .ok = "chronyd follows a live source, or serves as the island that it is meant to be.",
     .warning = "It is still measuring, its source is gone, its sources disagree, a client follows "
                "a fallback, runs on its own clock and nobody vouches for that, or is masked and "
                "will not start at the next boot.",
     .failed = "It does not run, has no time, its time is impossible, or may be off by more "
               "than a second.",
     .unknown = "It runs and cannot be asked: its socket takes root alone."},
    {.probe = "ntp.port",
     .asks = "Looks in the kernel's tables for who holds UDP port 123, and at which addresses.",
     .why = "A second daemon on the port takes every other request, or all of them; ping and "
            "systemctl status see nothing.",
     .ok = "chronyd alone holds it, at the address the LAN knows.",
     .warning = "",
     .failed = "Nobody holds it, somebody else does, or chronyd is bound to other addresses.",
     .unknown = "Only root may see whose socket it is."},
    {.probe = "ntp.reply",
     .asks = "Asks the site's servers four times each over NTP, as any client would: from this "
             "host's own address if it is a server, across the LAN if it is a client.",
     .why = "That is what the other hosts get. ping only shows that the host is up, and a reply "
            "may say that its server has no time, or be of 1986.",
     .ok = "Each server answers with a time that can be right and is within the limit.",
     .warning = "A server calls itself synchronised and has not been corrected for an hour.",
     .failed = "A server is silent, has no time, serves an impossible one, differs by more than "
               "the limit, or wants to be asked less often (RATE).",
     .unknown = "No request could be sent."},
    {.probe = "ntp.access",
     .asks = "Asks chronyd itself for each address of the site and for one that is nobody's "
             "(chronyc accheck), looks through the kernel's firewall rules for UDP 123, and asks "
             "how many requests chronyd's rate limit dropped (chronyc serverstats).",
     .why = "A question from the server to itself passes no firewall, and 'allow' lines of several "
            "files add up: only chronyd knows whom it answers.",
     .ok = "The site's addresses are allowed, an address outside is not, no firewall rule in "
           "sight is in the way, and not more than one request of a hundred was dropped.",
     .warning = "Anybody is served, a firewall drops what no rule lets in and none names UDP 123, "
                "or the rate limit drops more than one request of a hundred: the numbers are of "
                "chronyd since its start, and chronyc -n clients shows who asks too often.",
     .failed = "An address of the site is not allowed, or a firewall rule drops UDP 123.",
     .unknown = "chronyd answers this over its own socket only, which takes root alone."},
    {.probe = "timesync.server",
     .asks = "Asks systemd-timesyncd over D-Bus whom it follows, and how old the last reply is.",
     .why = "timedatectl says synchronized: yes for almost nine hours after the server died, and "
            "show-timesync freezes. Only the age of the last reply tells.",
     .ok = "It follows a server of the site, and heard of it in the last three polls.",
     .warning = "It follows a fallback, uses servers that somebody set at run time, waits for its "
                "first reply, or is masked and will not start at the next boot.",
     .failed = "It does not run, follows nobody, or its server has gone silent or has no time.",
     .unknown = "It runs and cannot be asked."},
    {.probe = "dnsmasq.config",
     .asks = "Has dnsmasq read its configuration (dnsmasq --test) as its unit would.",
     .why = "A mistake goes unnoticed until the next restart, which then takes DHCP and DNS away "
            "from the whole site.",
     .ok = "dnsmasq accepts its configuration.",
     .warning = "",
     .failed = "dnsmasq is not installed, or refuses its configuration.",
     .unknown = "dnsmasq --test did not finish."},
    {.probe = "dhcp.ntp",
     .asks = "Sends a DHCPINFORM to the host's own DHCP server, which leases nothing, and reads "
             "option 42 of the answer.",
     .why = "What stands in the file is not what is told: dnsmasq reads it at its start only, "
            "and another line may take precedence.",
     .ok = "DHCP clients are told of the profile's servers, and of no others.",
     .warning = "",
     .failed = "No DHCP server answers, or clients are told of no server or of others.",
     .unknown = "The question could not be sent."},
    {.probe = "dhcp.reservation",
     .asks =
         "Reads dnsmasq's files for the reservation of each time server's address, and its leases "
         "and the neighbour table for who has the address now.",
     .why =
         "A time server whose address was leased to a telephone is off the air, and everything on "
         "the server itself looks well.",
     .ok = "Each address is reserved once, and nobody else has it.",
     .warning =
         "The address is leased, under another name: to somebody else, or to the server before it "
         "was provisioned. Or another card than the reserved one is seen at it.",
     .failed =
         "An address is not reserved, is reserved twice (dnsmasq does not start with that), or "
         "is leased to another MAC than the server's.",
     .unknown = "The files could not be read."},
    {.probe = "controller.environment",
     .asks = "Compares three things: the drop-in that the monitor wrote, the environment systemd "
             "has loaded, and that of the running process (/proc/PID/environ).",
     .why = "They are easily confused: a drop-in that was written is not in force before "
            "daemon-reload, and one in force is not in a process that was started before.",
     .ok = "All three agree, or the controller does not run and the first two do.",
     .warning = "The controller is not installed or has failed, or systemd has not read the "
                "newest drop-in.",
     .failed = "The unit or the process has another environment than timectl gave it.",
     .unknown = "Only root may read another user's process, and an environment beyond 2 MiB is not "
                "read."},
    {.probe = "monitor.timer",
     .asks = "Asks systemd whether timectl-monitor.timer runs, when it elapsed last and will next, "
             "and how the last run ended.",
     .why = "A monitor that stopped leaves the last thing it said in force.",
     .ok = "The timer runs, has run as often as it should, and the last run succeeded.",
     .warning = "",
     .failed =
         "It is not installed, is off or masked, has not run for three ticks, or the last run "
         "failed.",
     .unknown = "systemd could not be asked."},
    {.probe = "network.address",
     .asks =
         "Looks in the kernel whether the interface of the profile has the host's static address, "
         "and names who is in charge of it when it does not.",
     .why = "A file of the network's authority is no address yet: another file may win, and a host "
            "without its address serves and follows nobody while everything on it runs.",
     .ok = "The interface has the address.",
     .warning = "The interface is up without a carrier: some get their address only with one.",
     .failed = "The interface has another address or is not there.",
     .unknown = "The kernel's tables could not be asked."},
    {.probe = "owners",
     .asks = "Looks for whatever else sets this clock or holds its port: other time daemons, "
             "fake-hwclock, agents of a virtual machine's host; and for a second authority over "
             "the network.",
     .why = "Two daemons on one clock fight, and each of them looks healthy.",
     .ok = "Nobody else sets this clock.",
     .warning = "A guest agent may set it too, or two services are in charge of the network.",
     .failed = "Another daemon runs or is enabled, or a foreign program holds port 123.",
     .unknown = "systemd or the kernel's tables could not be asked."},
    {.probe = "files.drift",
     .asks = "Renders the profile anew and compares the result with the managed files.",
     .why = "A file that was edited by hand works until somebody provisions again, or does not "
            "work and nobody knows why.",
     .ok = "Every managed file is as it should be.",
     .warning = "",
     .failed = "A file is edited, missing, outdated or was not written by timectl.",
     .unknown = "What the files should be could not be worked out."},
};

}  // namespace

std::span<const Explanation> all_explanations() { return explanations; }

}  // namespace timectl::probe
