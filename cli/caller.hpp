// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "apply/generations.hpp"

namespace timectl::cli {

/// Who runs this command line: the person, also behind sudo or a root shell, as far as the kernel
/// remembers the login.
apply::Who find_caller(int argc, char** argv);

}  // namespace timectl::cli
