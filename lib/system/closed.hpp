// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "system/files.hpp"

namespace timectl::system {

/// Whether the file's own mode keeps other users from reading it. A directory on its way that they
/// cannot enter does not count: /root is closed on every host, and a file that lies there is not
/// meant to be closed wherever it goes.
inline bool is_closed_to_others(const Ownership& ownership) {
  return (ownership.mode & 0004U) == 0;
}

}  // namespace timectl::system
