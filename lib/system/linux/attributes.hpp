// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <string>

/// Extended attributes, xattr(7). Only system/linux includes this.
namespace timectl::system::os {

/// Gives the open file `to` the attributes of the open file `from`, and no others. What the file
/// system of `to` does not know is left out. True when something was changed. Throws Error{io or
/// permission} with `what`, which completes "cannot …".
bool copy_attributes(int from, int to, const std::string& what);

}  // namespace timectl::system::os
