// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace timectl::cli {

/// A span as people write one on a command line: "90s", "10m", "1h". nullopt for anything else, for
/// 0 and for more than a day.
std::optional<std::chrono::seconds> parse_duration(const std::string& text);

}  // namespace timectl::cli
