// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// A channel's values in a block, one behind the other. Values of one half hour lie close together:
/// each is written as its distance to the least one, in as few bits as the largest distance needs.
/// One that never changes takes none.
///
///     0  1  id of the channel
///     1  1  kind of what follows: 1, or 2 when values are missing or infinite
///     2  1  bytes that follow; a reader that does not know id or kind passes over them
///     3  1  bits of a value, 0 to 64
///     4  n  the least value, a signed number of as many bytes as are left (0 to 8)
///        -  the values, lowest bits first. Kind 2: 0 is missing, 1 is infinite, the least is 2
///
/// Values are whole numbers of the channel's step. Little-endian, on every machine.
namespace timectl::history {

constexpr std::size_t most_in_column = 30;

struct Column {
  std::uint8_t id = 0;
  std::uint8_t kind = 0;
  std::string_view content;
};

/// At most most_in_column values; `per_unit` steps make one. "" when all of them are missing.
std::string encode_column(std::uint8_t id, double per_unit, std::span<const double> values);

/// Takes the next column off `rest`. nullopt when there is none, or it is longer than the rest.
std::optional<Column> take_column(std::string_view& rest);

/// Fills `values`. False, and nothing filled, when the column is not of a kind that this version
/// reads, or not of so many values.
bool decode_column(const Column& column, double per_unit, std::span<double> values);

}  // namespace timectl::history
