// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/files.hpp"

#include <string_view>

namespace timectl::rtc {

/// Replaces a small file of our own as a whole and makes that durable; missing directories above
/// it are made (0755, root). Readers see the old or the new content.
void replace_file(system::FileStore& files, const system::RootedPath& path,
                  std::string_view content);

}  // namespace timectl::rtc
