// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// What both formats of blocks are made of. Only block.cpp, old_block.cpp and ring.cpp include
/// this.
namespace timectl::history {

/// Numbers of 1 to 8 bytes, the lowest byte first.
void put(std::string& bytes, std::size_t at, std::uint64_t number, std::size_t size);
std::uint64_t get(std::string_view bytes, std::size_t at, std::size_t size);
std::uint32_t word_at(std::string_view bytes, std::size_t at);

/// Is it that long, does it begin with the four bytes of `magic`, and with the checksum of the
/// rest?
bool is_whole_block(std::string_view bytes, std::string_view magic, std::size_t size);
/// Puts the checksum where is_whole_block() reads it.
void seal_block(std::string& bytes);

/// The samples of a block are no further apart: a clock that was set further ahead begins another.
constexpr std::int64_t longest_block_s = 0xffff;

/// A time in seconds since 1970 that WallTime, which counts nanoseconds, can hold.
bool is_time(std::int64_t second);

}  // namespace timectl::history
