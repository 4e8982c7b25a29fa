// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "target/draft.hpp"

#include <string>
#include <vector>

/// How existing configuration goes, or is refused.
namespace timectl::features {

/// The file that lines go from: the block that timectl has in it already, or a new entry.
target::DesiredFile& file_of(target::Draft& draft, const std::string& path);

void add_conflict(target::Draft& draft, const facts::ExistingSetting& setting,
                  const std::string& reason);

/// Its lines go, from timectl's block of that file or from a file of others.
void take_lines(target::Draft& draft, const facts::ExistingSetting& setting, const std::string& why,
                const std::vector<target::Reaction>& reactions = {});

/// "/etc/hosts line 7 ('192.168.4.9 pi-ntp')"; of a closed file without the line's text.
std::string place_of(const facts::ExistingSetting& setting);

/// The host of the profile at an address; nullptr: none.
const profile::Host* host_at(const target::Draft& draft, const std::string& address);

}  // namespace timectl::features
