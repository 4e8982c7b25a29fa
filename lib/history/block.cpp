// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/block.hpp"

#include "base/checksum.hpp"

#include <array>
#include <bit>
#include <cstdint>

namespace timectl::history {

namespace {

constexpr std::string_view magic = "TCH1";
constexpr std::size_t checked_from = 8;
constexpr std::size_t header_size = 24;
constexpr std::size_t record_size = 16;
constexpr std::uint8_t saving_flag = 1;

constexpr std::array states{quality::State::traceable,      quality::State::holdover,
                            quality::State::island,         quality::State::rtc_only,
                            quality::State::unsynchronized, quality::State::wrong};

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

void put_real(std::string& bytes, std::size_t at, double value) {
  put(bytes, at, std::bit_cast<std::uint32_t>(static_cast<float>(value)), 4);
}

double get_real(std::string_view bytes, std::size_t at) {
  return static_cast<double>(std::bit_cast<float>(word_at(bytes, at)));
}

std::int64_t second_of(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

std::uint64_t number_of(quality::State state) {
  std::size_t number = 0;
  while (states.at(number) != state) ++number;
  return number;
}

void put_sample(std::string& bytes, std::size_t at, std::int64_t first, const Sample& seen) {
  put(bytes, at, static_cast<std::uint64_t>(second_of(seen.at) - first), 2);
  put(bytes, at + 2, number_of(seen.state), 1);
  put(bytes, at + 3, seen.saving ? saving_flag : 0, 1);
  put_real(bytes, at + 4, seen.bound_s);
  put_real(bytes, at + 8, seen.offset_s);
  put_real(bytes, at + 12, seen.rtc_ahead_s);
}

Sample get_sample(std::string_view bytes, std::size_t at, std::int64_t first) {
  Sample seen;
  const auto head = word_at(bytes, at);
  const auto second = first + static_cast<std::int64_t>(head & 0xffffU);
  seen.at = WallTime{std::chrono::seconds{second}};
  seen.state = states.at(head >> 16U & 255U);
  seen.saving = (head >> 24U & saving_flag) != 0;
  seen.bound_s = get_real(bytes, at + 4);
  seen.offset_s = get_real(bytes, at + 8);
  seen.rtc_ahead_s = get_real(bytes, at + 12);
  return seen;
}

/// A time that WallTime, which counts nanoseconds, can hold.
bool is_time(std::int64_t second) {
  constexpr std::int64_t most = 9'000'000'000;
  return second > -most && second < most;
}

bool is_whole(std::string_view bytes) {
  return bytes.size() == block_size && bytes.starts_with(magic) &&
         word_at(bytes, 4) == crc32(bytes.substr(checked_from));
}

}  // namespace

bool fits(const std::vector<Sample>& block, const Sample& next) {
  constexpr std::int64_t longest = 0xffff;
  if (block.empty()) return true;
  const auto after = second_of(next.at) - second_of(block.front().at);
  return block.size() < most_in_block && next.at >= block.back().at && after <= longest;
}

std::string encode_block(const std::vector<Sample>& samples) {
  std::string bytes(block_size, '\0');
  bytes.replace(0, magic.size(), magic);
  const auto first = samples.empty() ? 0 : second_of(samples.front().at);
  put(bytes, 8, static_cast<std::uint64_t>(first), 8);
  put(bytes, 16, samples.size(), 2);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    put_sample(bytes, header_size + i * record_size, first, samples[i]);
  }
  put(bytes, 4, crc32(std::string_view{bytes}.substr(checked_from)), 4);
  return bytes;
}

bool decode_block(std::string_view bytes, std::vector<Sample>& all) {
  if (!is_whole(bytes)) return false;
  const auto first = static_cast<std::int64_t>(get(bytes, 8, 8));
  const auto count = get(bytes, 16, 2);
  if (!is_time(first) || count > most_in_block) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (get(bytes, header_size + i * record_size + 2, 1) >= states.size()) return false;
  }
  for (std::size_t i = 0; i < count; ++i) {
    all.push_back(get_sample(bytes, header_size + i * record_size, first));
  }
  return true;
}

}  // namespace timectl::history
