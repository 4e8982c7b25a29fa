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

void add_superseded(target::DesiredFile& file, const std::string& line);

void add_conflict(target::Draft& draft, const facts::ExistingSetting& setting,
                  const std::string& reason);

}  // namespace timectl::features
