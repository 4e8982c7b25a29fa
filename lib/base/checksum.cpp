// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "base/checksum.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace timectl {

namespace {

using CrcTables = std::array<std::array<std::uint32_t, 256>, 4>;

/// Four bytes at a time: a year of history is nine megabytes.
constexpr CrcTables make_crc_tables() {
  CrcTables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? crc >> 1U ^ 0xedb88320U : crc >> 1U;
    tables[0][byte] = crc;
  }
  for (std::size_t table = 1; table < tables.size(); ++table) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const auto crc = tables[table - 1][byte];
      tables[table][byte] = crc >> 8U ^ tables[0][crc & 255U];
    }
  }
  return tables;
}

constexpr CrcTables crc_tables = make_crc_tables();

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
  return std::uint32_t{static_cast<unsigned char>(bytes.data()[at])};
}

/// As one load, which a loop over a size would not become.
std::uint32_t word_at(std::string_view bytes, std::size_t at) {
  return byte_at(bytes, at) | byte_at(bytes, at + 1) << 8U | byte_at(bytes, at + 2) << 16U |
         byte_at(bytes, at + 3) << 24U;
}

/// Goes on with the checksum of what came before; both as they are before the final inversion.
std::uint32_t continued(std::uint32_t crc, std::string_view bytes) {
  std::size_t at = 0;
  for (; at + 4 <= bytes.size(); at += 4) {
    crc ^= word_at(bytes, at);
    crc = crc_tables[3][crc & 255U] ^ crc_tables[2][crc >> 8U & 255U] ^
          crc_tables[1][crc >> 16U & 255U] ^ crc_tables[0][crc >> 24U];
  }
  for (; at < bytes.size(); ++at) {
    crc = crc >> 8U ^ crc_tables[0][(crc ^ byte_at(bytes, at)) & 255U];
  }
  return crc;
}

constexpr std::string_view checksum_key = " \"checksum\": \"";
constexpr std::string_view line_end = "\",\n";
constexpr std::size_t checksum_digits = 8;

}  // namespace

std::uint32_t crc32(std::string_view bytes) { return ~continued(~0U, bytes); }

std::string checksum_of(std::string_view bytes) { return fmt::format("{:08x}", crc32(bytes)); }

std::string with_checksum(const std::string& document) {
  const auto second_line = document.find('\n') + 1;
  return fmt::format("{}{}{}{}{}", document.substr(0, second_line), checksum_key,
                     checksum_of(document), line_end, document.substr(second_line));
}

ChecksumState checksum_state(std::string_view document) {
  const auto second_line = document.find('\n') + 1;
  const auto rest = document.substr(second_line);
  if (second_line == 0 || !rest.starts_with(checksum_key)) return ChecksumState::absent;
  const auto behind = checksum_key.size() + checksum_digits;
  if (!rest.substr(std::min(behind, rest.size())).starts_with(line_end)) {
    return ChecksumState::wrong;
  }
  const auto crc = ~continued(continued(~0U, document.substr(0, second_line)),
                              rest.substr(behind + line_end.size()));
  const bool is_right =
      rest.substr(checksum_key.size(), checksum_digits) == fmt::format("{:08x}", crc);
  return is_right ? ChecksumState::right : ChecksumState::wrong;
}

}  // namespace timectl
