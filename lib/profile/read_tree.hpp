// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Internal to profile: JSON text to a tree that knows its places.
#pragma once

#include "profile/mistakes.hpp"
#include "profile/tree.hpp"

#include <optional>
#include <string_view>

namespace timectl::profile {

/// What a profile can need at the most; beyond it something else was given by mistake, or on
/// purpose.
constexpr std::size_t most_bytes = 256 * 1024;
constexpr std::size_t deepest_nesting = 16;

/// Reads JSON with `//` and `/* */` comments and an optional byte order mark. Duplicate keys are
/// mistakes, and the first of them counts. Nullopt after a syntax error, which is then among the
/// mistakes.
std::optional<Value> read_tree(std::string_view text, int document, Mistakes& mistakes);

}  // namespace timectl::profile
