// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "history/channels.hpp"
#include "history/sample.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

/// What versions before 0.2.0 wrote; it is only read.
///
///     0  4  "TCH1"
///     4  4  CRC-32 (ISO 3309) of all that follows
///     8  8  seconds since 1970 of the first sample
///    16  2  number of samples
///    18  6  zero
///    24 16  each: seconds after the first (2), state (1), flags (1: saving power), then bound,
///           offset and RTC ahead in seconds (IEEE 754, single precision)
namespace timectl::history {

constexpr std::size_t old_block_size = 512;

/// Adds the block's samples to `all`. False, and nothing added, for everything else, whatever bytes
/// it is. It has three numbers a sample, and all of them are read.
bool decode_old_block(std::string_view bytes, std::vector<Sample>& all,
                      const ChannelSet& wanted = all_channels);

}  // namespace timectl::history
