// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "history/channels.hpp"
#include "history/sample.hpp"
#include "system/files.hpp"

#include <functional>
#include <vector>

/// A year of minutes in at most 18.3 MB below /var/lib/timectl/history: 53 segments of a week each,
/// the oldest goes when a new one begins. Half an hour gathers in /run/timectl/history and is then
/// written at once, durably: two writes an hour, and a power cut loses what had not been written.
/// Segments of versions before 0.2.0 (old_block.hpp) are read, and go when their year is over.
namespace timectl::history {

/// Will add_sample() begin another block with it? For what is read twice an hour.
bool begins_block(const system::FileReader& files, const Sample& seen);

/// Adds what a tick saw. True when a block was written to the disk. Throws Error{io} when one could
/// not be written: the last half hour stays in /run all the same, and the next tick tries again.
bool add_sample(system::FileStore& files, const Sample& seen);

/// The block that is not written yet, oldest first.
std::vector<Sample> read_latest(const system::FileReader& files);

/// Shows `visit` everything since `since`, in the order in which it was seen. Blocks that are torn
/// or no blocks are left out; nothing that the files can hold is an error. Of a year of minutes it
/// keeps the blocks in memory, not the samples, which are five times as large. Channels that are
/// not `wanted` may be missing.
void visit_samples(const system::FileReader& files, WallTime since, const ChannelSet& wanted,
                   const std::function<void(const Sample&)>& visit);

/// The same as one list: for hours and days.
std::vector<Sample> read_samples(const system::FileReader& files, WallTime since);

}  // namespace timectl::history
