// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/bytes.hpp"

#include "base/checksum.hpp"

namespace timectl::history {

namespace {

constexpr std::size_t checksum_at = 4;
constexpr std::size_t checked_from = 8;

}  // namespace

void put(std::string& bytes, std::size_t at, std::uint64_t number, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i)
    bytes[at + i] = static_cast<char>(number >> (8 * i) & 255U);
}

std::uint64_t get(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < size; ++i) {
    number |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  }
  return number;
}

/// As one load, which a loop over a size would not become.
std::uint32_t word_at(std::string_view bytes, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return std::uint32_t{static_cast<unsigned char>(bytes[at + i])};
  };
  return byte(0) | byte(1) << 8U | byte(2) << 16U | byte(3) << 24U;
}

bool is_whole_block(std::string_view bytes, std::string_view magic, std::size_t size) {
  return bytes.size() == size && bytes.starts_with(magic) &&
         word_at(bytes, checksum_at) == crc32(bytes.substr(checked_from));
}

void seal_block(std::string& bytes) {
  put(bytes, checksum_at, crc32(std::string_view{bytes}.substr(checked_from)), 4);
}

bool is_time(std::int64_t second) {
  constexpr std::int64_t most = 9'000'000'000;
  return second > -most && second < most;
}

}  // namespace timectl::history
