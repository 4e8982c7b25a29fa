// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "profile/profile.hpp"

#include <string>

namespace timectl::profile {

/// The profile as JSON with every default and every key of the extended profiles written out:
/// what `timectl profile show --json` prints. Parsing it gives the same profile.
std::string effective_text(const Profile& profile);

}  // namespace timectl::profile
