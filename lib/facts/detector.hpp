// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "facts/facts.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// For what features detect on a machine.
namespace timectl::facts {

/// What a feature wants to know of a machine: it adds to facts that have the host itself (system,
/// packages, network, board, firmware). Throws no Error of kind permission.
struct Detector {
  void (*add)(const Ports& ports, Facts& facts);
};

/// The file's content; nullopt also when it may not be read. Any user may ask for facts, and a
/// file that only root may read (a Wi-Fi password) is then simply not known.
std::optional<std::string> readable(const system::FileReader& files,
                                    const system::RootedPath& path);

/// The full paths of a directory's entries that end in `suffix`; none when it may not be read.
std::vector<system::RootedPath> readable_entries(const system::FileReader& files,
                                                 const system::RootedPath& directory,
                                                 std::string_view suffix);

/// Calls `take` with each line outside of timectl's block that is no comment, and its number.
void for_each_setting(const std::string& text,
                      const std::function<void(const std::string&, std::size_t)>& take);

/// A line of dhcpcd.conf as scripts write it to give an interface an address.
bool is_dhcpcd_address(const std::string& line);

}  // namespace timectl::facts
