// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "base/time.hpp"

namespace timectl::test {

/// When what these tests remember begins.
inline const WallTime start = parse_utc("2026-01-01T00:00:00Z").value();

}  // namespace timectl::test
