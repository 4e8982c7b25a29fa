// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "facts/detector.hpp"
#include "facts/facts.hpp"

#include <string>
#include <vector>

/// The parts of detect(), for this module and its tests.
namespace timectl::facts {

/// "1:4.3-2+deb12u1" is 4.3; what is not a number counts as 0.
Version parse_version(const std::string& text);

/// From /etc/os-release, else /usr/lib/os-release; an unknown system has empty fields.
OperatingSystem read_os(const system::FileReader& files);

/// netplan where it defines interfaces; else the one of NetworkManager, dhcpcd, networkd and
/// ifupdown for which there is evidence. More than one, or a systemd that cannot be asked: unknown,
/// with the evidence.
NetworkOwner find_network_owner(const Ports& ports, const std::map<std::string, Version>& packages);

/// What netplan reads, in its order: a file hides those of its name in the places behind it.
struct Netplan {
  std::vector<NetplanDefinition> definitions;
  std::string renderer;  ///< of the network as a whole: "networkd" unless a file says otherwise
  std::string renderer_file;           ///< which file says so; "" when none does
  std::vector<std::string> not_known;  ///< why definitions may be missing above
  std::string own_file;                ///< timectl's, when it is there
};
Netplan read_netplan(const system::FileReader& files);

/// A definition's key that adds to those of other files.
bool is_netplan_address(const std::string& key);

/// "iface eth0 inet dhcp" is about eth0. "manual" gives no address; stanzas of IPv6 are not
/// considered.
std::optional<std::string> addressed_by_ifupdown(const std::vector<std::string>& words);

/// NetworkOwner::carried and wifi_elsewhere, of ifupdown's files.
void read_wifi_stanzas(const system::FileReader& files, NetworkOwner& owner);

/// The lines of dhcpcd's or ifupdown's files that InterfaceSetting is about.
std::vector<InterfaceSetting> interface_settings(const system::FileReader& files,
                                                 NetworkBackendName backend);

/// What "source" and "source-directory" of /etc/network/interfaces name.
std::vector<std::string> ifupdown_sources(const system::FileReader& files);

/// The back end's files about interfaces, those that timectl reads line by line.
std::vector<system::RootedPath> backend_files(const system::FileReader& files,
                                              NetworkBackendName backend);

/// The interfaces that the back end's own files configure, in the order of the files.
std::vector<std::string> configured_interfaces(const system::FileReader& files,
                                               NetworkBackendName backend);

/// What the firmware's configuration at `path` asks for on a board of that model.
std::vector<Overlay> read_overlays(const system::FileReader& files, const system::RootedPath& path,
                                   const std::optional<std::string>& board);

/// Facts::boot_config, `overlays` and `boot`, once board, packages and system are known.
void read_boot(const system::FileReader& files, Facts& facts);

/// The text of an ifupdown file with the interface's stanzas, of a netplan file with the
/// definition's addresses and routes, as comments.
std::string without_stanzas(const std::string& text, const std::string& interface);
/// See InterfaceSetting::more.
std::string more_than_address(const std::string& text, const std::string& interface);
/// See InterfaceSetting::carried.
std::vector<std::string> carried_options(const std::string& text, const std::string& interface);
/// See NetworkOwner::wifi_elsewhere.
std::vector<std::string> other_wifi_stanzas(const std::string& text);
std::string without_addresses(const std::string& text, const NetplanDefinition& definition);

/// True when dhcpcd.conf has nothing but static addresses outside of timectl's block: a script
/// wrote it over the distribution's, or it is not there.
bool asks_no_options(const system::FileReader& files);

}  // namespace timectl::facts
