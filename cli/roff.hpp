// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <string>
#include <string_view>

namespace timectl::cli {

/// Text for a manual page: '-' in roff is a hyphen, and a line must not begin like a request.
std::string roff(std::string_view text);

/// Text in which `this` is bold and *this* italic, each line a sentence.
std::string roff_of_marked(std::string_view text);

}  // namespace timectl::cli
