// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "history/old_block.hpp"

#include "history/bytes.hpp"

#include <array>
#include <bit>
#include <cstdint>

namespace timectl::history {

namespace {

constexpr std::size_t header_size = 24;
constexpr std::size_t record_size = 16;
constexpr std::size_t most = 30;
constexpr std::uint8_t saving_flag = 1;

double get_real(std::string_view bytes, std::size_t at) {
  return static_cast<double>(std::bit_cast<float>(word_at(bytes, at)));
}

Sample get_sample(std::string_view bytes, std::size_t at, std::int64_t first) {
  Sample seen;
  const auto head = word_at(bytes, at);
  const auto second = first + static_cast<std::int64_t>(head & 0xffffU);
  seen.at = WallTime{std::chrono::seconds{second}};
  seen.state = quality::all_states.at(head >> 16U & 255U);
  seen.saving = (head >> 24U & saving_flag) != 0;
  seen.bound_s = get_real(bytes, at + 4);
  seen.offset_s = get_real(bytes, at + 8);
  seen.rtc_ahead_s = get_real(bytes, at + 12);
  return seen;
}

}  // namespace

bool decode_old_block(std::string_view bytes, std::vector<Sample>& all,
                      const ChannelSet& /*wanted*/) {
  if (!is_whole_block(bytes, "TCH1", old_block_size)) return false;
  const auto first = static_cast<std::int64_t>(get(bytes, 8, 8));
  const auto count = get(bytes, 16, 2);
  if (!is_time(first) || count > most) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (get(bytes, header_size + i * record_size + 2, 1) >= quality::all_states.size())
      return false;
  }
  for (std::size_t i = 0; i < count; ++i) {
    all.push_back(get_sample(bytes, header_size + i * record_size, first));
  }
  return true;
}

}  // namespace timectl::history
