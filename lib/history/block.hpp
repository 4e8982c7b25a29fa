// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include "history/channels.hpp"
#include "history/sample.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Half an hour of minutes of one boot in 1024 bytes: what a disk writes at once, with a checksum
/// that shows whether it is whole. Little-endian, on every machine.
///
///     0  4  "TCH2"
///     4  4  CRC-32 (ISO 3309) of all that follows
///     8  8  seconds since 1970 of the first sample
///    16  2  number of samples, at most 30
///    18  2  where the columns begin: 40, or more when a later version puts more before them
///    20  4  zero
///    24 16  the boot's id; zero when it is not known
///    40     columns (column.hpp): that of the seconds after the first sample (id 1), then those of
///           the channels (channels.hpp); zeros behind the last
///
/// A version that does not know a channel, or a kind of column, passes over it.
namespace timectl::history {

constexpr std::size_t block_size = 1024;
constexpr std::size_t most_in_block = 30;

/// Can the sample stand in one block behind those? It cannot when that is full, in another boot,
/// and when the clock was set back or far ahead.
bool fits(const std::vector<Sample>& block, const Sample& next,
          std::span<const Channel> list = channels);

/// At most most_in_block samples, each of which fits() behind those before it.
std::string encode_block(const std::vector<Sample>& samples,
                         std::span<const Channel> list = channels);

/// Adds the block's samples to `all`. False, and nothing added, for everything that encode_block
/// of this version, or of one to come, did not write, whatever bytes it is. Channels that are not
/// `wanted` stay missing.
bool decode_block(std::string_view bytes, std::vector<Sample>& all,
                  const ChannelSet& wanted = all_channels);
/// Of other channels than this version's.
bool decode_block(std::string_view bytes, std::vector<Sample>& all, const ChannelSet& wanted,
                  std::span<const Channel> list);

}  // namespace timectl::history
