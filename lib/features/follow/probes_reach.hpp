// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "probe/probe.hpp"

namespace timectl::features {

/// A host whose profile gives chronyd sources.
bool follows_by_chronyd(const profile::Host& host);

probe::Finding ask_sources_reach(const probe::Subject& subject, const probe::Ports& ports);

}  // namespace timectl::features
