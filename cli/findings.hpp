// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/finding.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Every finding that timectl prints: the rows of the modules, put together.
namespace timectl::cli {

/// The findings that one command prints, but for those of the groups before it.
struct FindingGroup {
  std::string_view heading;  ///< of the manual page
  std::string_view about;
  std::vector<const probe::FindingRow*> rows;
};

const std::vector<FindingGroup>& finding_groups();

/// The rows of all groups.
std::vector<const probe::FindingRow*> all_findings();

/// Throws Error{usage} with a suggestion when there is no such finding.
const probe::FindingRow& find_finding(const std::string& name);

/// Where the manual has it: "timectl-probes(7), ntp.reply".
std::string manual_of(probe::FindingName name);

}  // namespace timectl::cli
