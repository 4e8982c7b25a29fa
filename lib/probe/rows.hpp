// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/rows_of_host.hpp"
#include "probe/rows_of_time.hpp"

/// A row for each finding of verify. Their order in reports is that of features/all.cpp.
