// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "history/sample.hpp"
#include "monitor/monitor.hpp"
#include "monitor/state.hpp"
#include "observe/observation.hpp"
#include "profile/profile.hpp"

/// What a tick leaves in the history, and what the history has to say about the time to come.
namespace timectl::monitor {

/// What the tick saw, with its judgement.
history::Sample seen_by(const Tick& tick);

/// Adds the tick to the history, learns from it twice an hour, and adds what is alarming about the
/// drift and the bound to the tick's findings. A history that cannot be written is a finding.
void record_tick(const profile::Host& host, const observe::Observation& seen, const Ports& ports,
                 State& state, Tick& tick);

/// "5 h 12 min", "48 min".
std::string hours_and_minutes(Seconds span);

}  // namespace timectl::monitor
