// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
