// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: the timectl authors

// Whatever bytes a block or a column has, reading it yields samples that can be used, or nothing.
#include "base/checksum.hpp"
#include "history/block.hpp"
#include "history/column.hpp"
#include "history/old_block.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

using namespace timectl;
using namespace timectl::history;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

/// The search would not find a checksum.
std::string sealed(const char* magic, std::string bytes, std::size_t size) {
  bytes.resize(size);
  bytes.replace(0, 4, magic);
  const auto sum = crc32(std::string_view{bytes}.substr(8));
  for (std::size_t i = 0; i < 4; ++i) bytes[4 + i] = static_cast<char>(sum >> (8 * i) & 255U);
  return bytes;
}

using Decode = bool (*)(std::string_view, std::vector<Sample>&, const ChannelSet&);

void read_block(Decode decode, const std::string& bytes) {
  std::vector<Sample> all(1);
  const bool is_block = decode(bytes, all, all_channels);
  require(is_block || all.size() == 1);
  require(all.size() <= 1 + most_in_block);
  for (const auto& sample : all) {
    require(sample.state >= quality::State::traceable && sample.state <= quality::State::wrong);
    require(!format_utc(sample.at).empty());
    for (const auto& channel : channels) text_of(channel, sample);
  }
}

/// What could be read can be written, and is the same when it is read again.
void write_again(const std::string& bytes) {
  std::vector<Sample> all;
  if (!decode_block(bytes, all)) return;
  std::vector<Sample> block;
  for (const auto& sample : all) {
    if (fits(block, sample)) block.push_back(sample);
  }
  std::vector<Sample> again;
  require(decode_block(encode_block(block), again));
  require(again.size() == block.size());
  for (std::size_t i = 0; i < again.size(); ++i) require(again[i].at == block[i].at);
}

void read_columns(std::string_view rest) {
  while (const auto column = take_column(rest)) {
    for (std::size_t count = 0; count <= most_in_column; ++count) {
      std::array<double, most_in_column> values{};
      decode_column(*column, 1000, {values.data(), count});
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes{reinterpret_cast<const char*>(data), size};
  read_block(decode_block, bytes);
  read_block(decode_old_block, bytes);
  const auto block = sealed("TCH2", bytes, block_size);
  read_block(decode_block, block);
  write_again(block);
  read_block(decode_old_block, sealed("TCH1", bytes, old_block_size));
  read_columns(bytes);
  return 0;
}
