// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "facts/facts.hpp"

#include <string>
#include <vector>

/// The parts of look(), for this module and its tests.
namespace timectl::facts {

/// "1:4.3-2+deb12u1" is 4.3; what is not a number counts as 0.
Version parse_version(const std::string& text);

/// From /etc/os-release, else /usr/lib/os-release; an unknown system has empty fields.
OperatingSystem look_at_os(const system::FileReader& files);

/// Whoever the evidence names first of: netplan, NetworkManager, dhcpcd, networkd, ifupdown.
NetworkOwner look_at_network_owner(const Ports& ports,
                                   const std::map<std::string, Version>& packages);

/// The interfaces that the authority's own files configure, in the order of the files.
std::vector<std::string> configured_interfaces(const system::FileReader& files,
                                               NetworkAuthority authority);

/// The file's content; nullopt also when it may not be read. Facts are looked at by anybody, and a
/// file that only root may read (a Wi-Fi password) is then simply not known.
std::optional<std::string> readable(const system::FileReader& files,
                                    const system::RootedPath& path);

/// The full paths of a directory's entries that end in `suffix`; none when it may not be read.
std::vector<system::RootedPath> readable_entries(const system::FileReader& files,
                                                 const system::RootedPath& directory,
                                                 std::string_view suffix);

}  // namespace timectl::facts
