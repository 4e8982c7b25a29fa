// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Internal to profile: what the manual says of an object.
#pragma once

#include "profile/manual_of_keys.hpp"
#include "profile/object.hpp"

namespace timectl::profile {

/// A section for the object, and one for each that its keys hold.
std::vector<ManualSection> manual_of(const Object& object);

/// The key's own text.
std::string manual_text(const Key& key);

}  // namespace timectl::profile
