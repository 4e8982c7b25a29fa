// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Shows whether bytes are still those that were written.
///
/// CRC-32 (ISO 3309; gzip(1) and PNG have the same): it finds each flipped bit, each burst of up to
/// 32 bits and a cut-off end, and all other damage but one in four thousand million. That is what
/// rotting cards do. It is no defense against a person: who may write timectl's state is root, and
/// root could compute any checksum anew.
namespace timectl {

std::uint32_t crc32(std::string_view bytes);

/// The same as eight hexadecimal digits.
std::string checksum_of(std::string_view bytes);

/// A JSON object of at least one member as nlohmann's dump(1) writes it (the brace alone on the
/// first line), with the checksum of the whole text as the second member:
///
///     {
///      "checksum": "cbf43926",
///      "schema": 2,
///
/// It is of the text and not of the values, so a reader needs no canonical form.
std::string with_checksum(const std::string& document);

enum class ChecksumState {
  absent,  ///< written by a timectl that had none (schema 1), or the line itself is damaged
  right,
  wrong,
};
ChecksumState checksum_state(std::string_view document);

}  // namespace timectl
