// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "facts/facts.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// For what features look for on a machine.
namespace timectl::facts {

/// What a feature wants to know of a machine: it adds to facts that have the host itself (system,
/// packages, network, board, firmware). Throws no Error of kind permission.
struct Look {
  void (*add)(const Ports& ports, Facts& facts);
};

/// The file's content; nullopt also when it may not be read. Facts are looked at by anybody, and a
/// file that only root may read (a Wi-Fi password) is then simply not known.
std::optional<std::string> readable(const system::FileReader& files,
                                    const system::RootedPath& path);

/// The full paths of a directory's entries that end in `suffix`; none when it may not be read.
std::vector<system::RootedPath> readable_entries(const system::FileReader& files,
                                                 const system::RootedPath& directory,
                                                 std::string_view suffix);

}  // namespace timectl::facts
