// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <array>

/// What Debian and Raspberry Pi OS call the programs that timectl drives: packages, units, users
/// and paths. A package is built for one distribution, so these are constants. Another distribution
/// is another version of this file, and of the tree below templates/, whose paths are those of the
/// files that are made.
namespace timectl::platform {

/// A daemon as the distribution has it.
struct Daemon {
  const char* package;
  const char* unit;
  const char* program;  ///< as it is found on PATH; "" where timectl never starts it
  const char* process;  ///< what the kernel calls it: 15 bytes at most, proc(5)
};

inline constexpr Daemon chronyd{"chrony", "chrony.service", "chronyd", "chronyd"};
inline constexpr Daemon timesyncd{"systemd-timesyncd", "systemd-timesyncd.service", "",
                                  "systemd-timesyn"};
inline constexpr Daemon dnsmasq{"dnsmasq", "dnsmasq.service", "dnsmasq", "dnsmasq"};

inline constexpr Daemon gpsd{"gpsd", "gpsd.service", "gpsd", "gpsd"};

/// What uses a Pi's Bluetooth: the second is Raspberry Pi OS's.
inline constexpr std::array bluetooth_units{"bluetooth.service", "hciuart.service"};

inline constexpr Daemon pihole{"pihole", "pihole-FTL.service", "", "pihole-FTL"};

/// Those that serve DNS, and so have UDP port 53 besides dnsmasq.
inline constexpr std::array dns_servers{
    Daemon{"bind9", "named.service", "", "named"},
    Daemon{"unbound", "unbound.service", "", "unbound"},
    Daemon{"pdns-recursor", "pdns-recursor.service", "", "pdns_recursor"}, pihole};

/// All that discipline the clock. Two of them work against each other.
inline constexpr std::array time_daemons{chronyd, Daemon{"ntp", "ntp.service", "", "ntpd"},
                                         Daemon{"ntpsec", "ntpsec.service", "", "ntpd"},
                                         Daemon{"openntpd", "openntpd.service", "", "ntpd"},
                                         timesyncd};

/// systemd's own resolver, which listens at 127.0.0.53.
inline constexpr auto resolver_unit = "systemd-resolved.service";

/// fake-hwclock's units: bookworm's one, trixie's three.
inline constexpr std::array fake_hwclock_units{"fake-hwclock.service", "fake-hwclock-load.service",
                                               "fake-hwclock-save.service",
                                               "fake-hwclock-save.timer"};

/// Packages whose presence or version timectl decides by, in facts and probes, besides those of
/// network_backends.hpp; sorted.
inline constexpr std::array packages_of_interest{
    "chrony",     "cloud-init",       "dnsmasq",    "dnsmasq-base", "fake-hwclock",
    "gpsd",       "linuxptp",         "ntp",        "ntpsec",       "openntpd",
    "openresolv", "raspi-firmware",   "resolvconf", "systemd",      "systemd-timesyncd",
    "timectl",    "util-linux-extra", "zsh-common"};

/// chrony's package: its client, files, and the directory of its unit's state.
namespace chrony {

inline constexpr auto client = "chronyc";
inline constexpr auto directory = "/etc/chrony";
inline constexpr auto configuration = "/etc/chrony/chrony.conf";
inline constexpr auto drop_ins = "/etc/chrony/conf.d";
inline constexpr auto own_drop_in = "/etc/chrony/conf.d/50-timectl.conf";
inline constexpr auto own_sources = "/etc/chrony/sources.d/timectl.sources";
inline constexpr auto own_unit_drop_in = "/etc/systemd/system/chrony.service.d/50-timectl.conf";
inline constexpr auto state = "/var/lib/chrony";
inline constexpr auto drift_file = "/var/lib/chrony/chrony.drift";
inline constexpr auto log = "/var/log/chrony";
/// Of the unit: DAEMON_OPTS=.
inline constexpr auto options = "/etc/default/chrony";
inline constexpr auto command_socket = "/run/chrony/chronyd.sock";

}  // namespace chrony

namespace gps {

inline constexpr auto own_unit_drop_in = "/etc/systemd/system/gpsd.service.d/50-timectl.conf";
/// Of the package, and of users who set gpsd up by hand: DEVICES=.
inline constexpr auto options = "/etc/default/gpsd";
/// root's directory that Debian's AppArmor profile lets chronyd read: /run/chrony is its own
/// user's, who could add to what root's chronyd reads at its next start.
inline constexpr auto refclocks = "/run/chrony-dhcp/timectl-gps.conf";
/// A confdir may be missing; a pattern of include in a missing directory ends chronyd 4.3.
inline constexpr auto refclock_directory = "/run/chrony-dhcp";

}  // namespace gps

/// A login at a serial port: the template's name before the port's.
inline constexpr auto serial_login = "serial-getty@";
/// Where the firmware of a Pi has the kernel's command line, beside config.txt.
inline constexpr auto command_line_file = "cmdline.txt";

/// Debian's own way to a Pi's firmware: its hooks write config.txt from files of /etc/default.
namespace raspi_firmware {

inline constexpr auto package = "raspi-firmware";
inline constexpr auto hook = "/etc/kernel/postinst.d/z50-raspi-firmware";
inline constexpr auto custom = "/etc/default/raspi-firmware-custom";
inline constexpr auto defaults = "/etc/default/raspi-firmware";

}  // namespace raspi_firmware

namespace timesync {

inline constexpr auto configuration = "/etc/systemd/timesyncd.conf";
inline constexpr auto drop_ins = "/etc/systemd/timesyncd.conf.d";
inline constexpr auto own_drop_in = "/etc/systemd/timesyncd.conf.d/50-timectl.conf";
/// All that it reads, one before the others that hold a file of the same name.
inline constexpr std::array drop_in_directories{
    "/etc/systemd/timesyncd.conf.d", "/run/systemd/timesyncd.conf.d",
    "/usr/local/lib/systemd/timesyncd.conf.d", "/usr/lib/systemd/timesyncd.conf.d"};

}  // namespace timesync

namespace dns {

inline constexpr auto configuration = "/etc/dnsmasq.conf";
inline constexpr auto drop_ins = "/etc/dnsmasq.d";
/// What its unit reads before it starts dnsmasq.
inline constexpr auto defaults = "/etc/default/dnsmasq";
inline constexpr auto own_drop_in = "/etc/dnsmasq.d/timectl.conf";
/// NetworkManager.conf(5), dns: of the dnsmasq that it starts for a shared connection.
inline constexpr auto shared_drop_in = "/etc/NetworkManager/dnsmasq-shared.d/timectl.conf";
/// By which its unit starts dnsmasq; a part of the package that no user edits.
inline constexpr auto helper = "/usr/share/dnsmasq/systemd-helper";
/// As Debian's unit gives it to dnsmasq.
inline constexpr auto drop_ins_option = "--conf-dir=/etc/dnsmasq.d,.dpkg-dist,.dpkg-old,.dpkg-new";

}  // namespace dns

}  // namespace timectl::platform
