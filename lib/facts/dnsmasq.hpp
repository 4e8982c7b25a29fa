// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "facts/facts.hpp"
#include "system/files.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// dnsmasq's configuration, as dnsmasq itself reads it (option.c).
namespace timectl::facts {

/// "dhcp-host=MAC,ADDRESS,NAME".
struct DnsmasqOption {
  std::string name;
  std::vector<std::string> words;  ///< of the value, between its commas, without blanks around
};

/// Blanks around the first '=' do not count, and a '#' behind a blank begins a comment. nullopt:
/// the line has no value.
std::optional<DnsmasqOption> parse_dnsmasq_line(std::string_view line);

/// Option 42 for clients of DHCP (IPv4), from dhcp-option or dhcp-option-force.
struct NtpServersOption {
  std::vector<std::string> tags;     ///< only for requests that have all of them; "!x": not x
  std::vector<std::string> servers;  ///< none: these clients are told of no server
  bool is_forced = false;            ///< also for clients that do not ask for it
};

/// nullopt: another option. What is inside of another one (encap, vendor) is another.
std::optional<NtpServersOption> ntp_servers_option(const DnsmasqOption& option);

/// The main file and those of the directory that Debian's unit has dnsmasq read.
std::vector<std::string> dnsmasq_files(const system::FileReader& files);

/// Whether dnsmasq reads /etc/dnsmasq.d at all, as Debian's unit starts it: by CONFIG_DIR or
/// DNSMASQ_OPTS of /etc/default/dnsmasq (/usr/share/dnsmasq/systemd-helper), or by a conf-dir line
/// of its own file. True where the package is not: it brings CONFIG_DIR.
bool reads_drop_ins(const system::FileReader& files);

/// `waits_for_boot` is its unit's, and left alone here.
Dnsmasq dnsmasq_settings(const system::FileReader& files);

/// Where the distribution's dnsmasq, NetworkManager's and Pi-hole's keep their leases; those that
/// exist. A line is "EXPIRY MAC ADDRESS NAME CLIENT-ID".
std::vector<system::RootedPath> lease_files(const system::FileReader& files);

/// The command that has dnsmasq read it from its next start on, in the system at `root`.
std::string command_to_read_drop_ins(const std::string& root);

}  // namespace timectl::facts
