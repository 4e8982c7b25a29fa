// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Internal to profile: a document and those it extends, as one.
#pragma once

#include "profile/mistakes.hpp"
#include "profile/parse.hpp"
#include "profile/tree.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace timectl::profile {

/// More documents than that behind each other are a mistake or a joke.
constexpr std::size_t longest_chain = 8;

/// Reads `text` and the profiles it extends and lays them over each other: objects merge by key,
/// everything else replaces. What a document says of itself (name, description, extends, $schema)
/// is not inherited. Nullopt when a document could not be read; the mistakes say why.
std::optional<Value> resolve(std::string_view text, const std::string& origin,
                             const ExtendsLookup& extends, Mistakes& mistakes);

}  // namespace timectl::profile
