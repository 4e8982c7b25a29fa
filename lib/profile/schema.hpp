// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Internal to profile: the JSON Schema that is made of the tables.
#pragma once

#include "profile/object.hpp"

#include <string_view>

namespace timectl::profile {

/// The rules of a document with the keys of `document`.
Value schema_of(const Object& document);

/// The rule of a key; what it refers to is added to `definitions`.
Value rule_of(const Key& key, Value& definitions);

}  // namespace timectl::profile
