// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "facts/facts.hpp"

#include <map>
#include <string>
#include <vector>

/// For tests.
namespace timectl::features {

/// Candidates only: which of them are in the way depends on the host's role.
std::vector<facts::ExistingSetting> find_existing(
    const system::FileReader& files, const std::map<std::string, facts::Version>& packages);

}  // namespace timectl::features
