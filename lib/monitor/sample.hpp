// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "history/sample.hpp"
#include "observe/observation.hpp"
#include "probe/probe.hpp"
#include "profile/profile.hpp"

/// What the history keeps of a check besides its judgement. None of this is judged, so what cannot
/// be read is missing and nothing more.
namespace timectl::monitor {

/// What was seen on the way to the judgement.
void add_observation(const observe::Observation& seen, history::Sample& sample);

/// The boot, and what the judgement does not need: the frequency of a clock that timesyncd keeps,
/// the processor's temperature.
void complete_sample(const profile::Host& host, const probe::Ports& readers,
                     history::Sample& sample);

/// How many clients chronyd remembers: a table that is asked for in parts of eight, so not each
/// minute.
void count_clients(const profile::Host& host, const probe::Ports& readers, history::Sample& sample);

}  // namespace timectl::monitor
