// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/files.hpp"
#include "target/target.hpp"

#include <optional>

/// Which files are secret is decided by the plan. A target says it of what it makes itself. Of what
/// exists its mode says it: a file that other users cannot read may hold a password.
namespace timectl::plan {

/// By the mode alone.
target::Sensitivity sensitivity_of(const std::optional<system::FileStatus>& status);

/// A file of the target with content from such a file (FileKind::edited) is secret as well.
void mark_secrets(target::Target& target, const system::FileReader& files);

}  // namespace timectl::plan
