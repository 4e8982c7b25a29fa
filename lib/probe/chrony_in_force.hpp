// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/probe.hpp"

#include <optional>

namespace timectl::probe {

/// What keeps chronyd from what timectl's files say, with file and line; `unknown` where its files
/// cannot be followed. nullopt: nothing that is known.
std::optional<Finding> chrony_not_in_force(const Subject& subject, const Ports& ports);

}  // namespace timectl::probe
