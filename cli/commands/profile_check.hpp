// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "command.hpp"
#include "context.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace timectl::cli {

/// profile validate: every mistake in each of them; without any, in the one that would be used.
ExitStatus validate_profiles(Context& context, const std::vector<std::string>& wanted);

/// What `profile list --json` and `profile validate --json` print around a list.
nlohmann::ordered_json profiles_document(nlohmann::ordered_json profiles);

}  // namespace timectl::cli
