// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "history/sample.hpp"

#include <string>
#include <vector>

namespace timectl::test {

/// A block as versions before 0.2.0 wrote it, by the layout in history/old_block.hpp.
std::string old_block(const std::vector<history::Sample>& samples);

}  // namespace timectl::test
