// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "publish/sample.hpp"

#include <string>
#include <string_view>

namespace timectl::history {

using publish::BootId;
using publish::nothing;
using publish::Sample;

/// Reads 32 hex digits, with or without the hyphens of /proc/sys/kernel/random/boot_id. Any other
/// text is all zero.
BootId parse_boot_id(std::string_view text);
/// 32 hex digits, as journalctl(1) -b takes them; "" when it is not known.
std::string to_string(const BootId& boot);

}  // namespace timectl::history
