// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

#include "old_blocks.hpp"

#include "base/checksum.hpp"

#include <bit>
#include <cstdint>

namespace timectl::test {

namespace {

void add(std::string& bytes, std::uint64_t number, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(number >> (8 * i) & 255U);
}

void add_real(std::string& bytes, double value) {
  add(bytes, std::bit_cast<std::uint32_t>(static_cast<float>(value)), 4);
}

}  // namespace

std::string old_block(const std::vector<history::Sample>& samples) {
  const auto first =
      std::chrono::floor<std::chrono::seconds>(samples.front().at).time_since_epoch().count();
  std::string body;
  add(body, static_cast<std::uint64_t>(first), 8);
  add(body, samples.size(), 8);
  for (const auto& each : samples) {
    const auto after = std::chrono::floor<std::chrono::seconds>(each.at - samples.front().at);
    add(body, static_cast<std::uint64_t>(after.count()), 2);
    add(body, static_cast<std::uint64_t>(each.state), 1);
    add(body, each.saving ? 1 : 0, 1);
    for (const double value : {each.bound_s, each.offset_s, each.rtc_ahead_s}) {
      add_real(body, value);
    }
  }
  body.resize(504, '\0');
  std::string block = "TCH1";
  add(block, crc32(body), 4);
  return block + body;
}

}  // namespace timectl::test
